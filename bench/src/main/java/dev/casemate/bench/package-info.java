/** Benchmarks beside the peers. */
package dev.casemate.bench;
