/**
 * What host and guest agree on: OCI runtime-spec records, ids, sizes, configuration, error codes.
 */
package dev.casemate.model;
