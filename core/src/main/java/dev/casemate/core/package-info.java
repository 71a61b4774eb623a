/** The domain: sandbox, container and process, their lifecycle states and the ports they need. */
package dev.casemate.core;
