/**
 * The configuration as records: what {@code configuration.toml} may say, each key once, with its
 * type, default and meaning. Section and key names are Kata Containers' where the meaning is the
 * same. Reading files is the host's part.
 */
package dev.casemate.model.configuration;
