/**
 * JSON (RFC 8259), strict and bounded: parser, immutable tree, writer. Written by hand, since it
 * runs in JVMs that live for 50 ms and are interpreted: no reflection, regular expression or stream
 * is on its way.
 */
package dev.casemate.model.json;
