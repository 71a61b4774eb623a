package dev.casemate.cli;

import dev.casemate.model.ContainerId;
import java.util.Optional;

/**
 * A container to be made.
 *
 * @param id its name
 * @param bundle the absolute path of its bundle
 * @param consoleSocket absolute path of the Unix socket that gets the terminal, if any
 * @param scratch whether the container sees its root file system below a layer that takes its
 *     writes and is gone with it
 * @param loopbackOnly whether nobody will ever put an interface into its network namespace
 */
record CreationOrder(
    ContainerId id,
    String bundle,
    Optional<String> consoleSocket,
    boolean scratch,
    boolean loopbackOnly) {}
