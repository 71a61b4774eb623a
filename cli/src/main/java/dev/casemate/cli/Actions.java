package dev.casemate.cli;

import dev.casemate.cli.line.Verb;

/** From a verb to the class that does it; only that class is loaded. */
final class Actions {
  private Actions() {}

  static Action of(Verb verb) {
    return switch (verb) {
      case CREATE -> new CreateVerb();
      case START -> new StartVerb();
      case STATE -> new StateVerb();
      case KILL -> new KillVerb();
      case DELETE -> new DeleteVerb();
      case EXEC -> new ExecVerb();
      case RUN -> new RunVerb();
      case LIST -> new ListVerb();
      case PS -> new PsVerb();
      case PAUSE -> new PauseVerb();
      case RESUME -> new ResumeVerb();
      case UPDATE -> new UpdateVerb();
      case EVENTS -> new EventsVerb();
      case SPEC -> new SpecVerb();
      case FEATURES -> new FeaturesVerb();
      case CHECKPOINT, RESTORE -> new RefusedVerb(verb);
      case CHECK -> new CheckVerb();
      case CONFIG -> new ConfigVerb();
      case HELP -> new HelpVerb();
      case COMPLETION -> new CompletionVerb();
      case MAN -> new ManVerb();
      case REHEARSE -> new RehearseVerb();
      case MONITOR -> new MonitorVerb();
    };
  }
}
