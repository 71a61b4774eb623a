package dev.casemate.core;

import dev.casemate.model.ContainerId;
import dev.casemate.model.oci.Spec;
import java.nio.file.Path;

/** A container to be made: its bundle, and the spec as the caller wrote it. */
public record ContainerRequest(ContainerId id, Path bundle, Spec spec) {}
