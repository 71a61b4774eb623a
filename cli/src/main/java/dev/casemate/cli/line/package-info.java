/**
 * The command line as data: one table of verbs and flags, and what is made from it: the parser, the
 * help texts, the shell completions and the manual pages. Nothing here runs a verb.
 *
 * <p>Written by hand, without reflection, lambdas or regular expressions: a container engine waits
 * for each of these processes, and the parser is on the path of all of them.
 */
package dev.casemate.cli.line;
