/** The network of a pod, as it is copied from the host's namespace into the guest. */
package dev.casemate.model.network;
