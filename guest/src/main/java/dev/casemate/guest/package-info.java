/** Builds the guest: kernel, root image, AOT cache. */
package dev.casemate.guest;
