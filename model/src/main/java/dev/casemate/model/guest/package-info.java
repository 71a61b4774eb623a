/** What a built guest says of itself. */
package dev.casemate.model.guest;
