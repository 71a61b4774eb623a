/** Fakes for the ports, seeded generators and contract suites; never shipped. */
package dev.casemate.testkit;
