/**
 * The OCI runtime specification's documents as records: {@code config.json} of versions 1.0 to 1.2
 * (https://github.com/opencontainers/runtime-spec), the state, the features. Lists and maps are
 * empty where the document leaves them out; other optional members are null, so that "not said" and
 * "zero" stay apart.
 */
package dev.casemate.model.oci;
