/** The configuration's files and where each value comes from. */
package dev.casemate.host.configuration;
