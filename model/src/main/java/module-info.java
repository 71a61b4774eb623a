/**
 * What host and guest agree on: OCI runtime-spec records, ids, sizes, configuration, error codes.
 */
@org.jspecify.annotations.NullMarked
module dev.casemate.model {
  requires static transitive org.jspecify;

  exports dev.casemate.model;
  exports dev.casemate.model.configuration;
  exports dev.casemate.model.guest;
  exports dev.casemate.model.json;
  exports dev.casemate.model.network;
  exports dev.casemate.model.oci;
}
