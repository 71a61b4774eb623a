package dev.casemate.core;

/**
 * Is told of every change of a container's state, on the thread that made it and before it returns;
 * not of its making, which whoever asked for it is told of.
 */
public interface ContainerObserver {
  /** The container is in another state now. */
  void changed(Container container);

  /** The guest's kernel killed a process of the container for memory. */
  void outOfMemory(Container container);

  /** Something went wrong that undoes nothing: a failed poststart hook, a reader that went away. */
  void warned(String what);
}
