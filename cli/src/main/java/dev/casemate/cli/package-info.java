/** The casemate command: the OCI runtime command line and what people type. */
package dev.casemate.cli;
