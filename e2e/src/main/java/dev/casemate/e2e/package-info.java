/** End-to-end tests with real virtual machines. */
package dev.casemate.e2e;
