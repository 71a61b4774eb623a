/** Linux system calls through java.lang.foreign: the only module with native access. */
package dev.casemate.linux;
