package io.inmesh.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** What a person sees when a command cannot do its work, and the exit code that goes with it. */
final class Failures {
  static final int FOUND = 1;
  static final int NO_ANSWER = 3;
  static final int NO_INPUT = 4;
  static final int DEFECT = 70;

  private Failures() {}

  /** An error that says everything; no stack trace is shown. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int code;

    Failure(int code, String message) {
      super(message);
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  static int handle(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof Failure failure) {
      err.println("inmesh: " + failure.getMessage());
      err.flush();
      return failure.code();
    }
    err.println("inmesh: this should not happen; please report it with what follows");
    e.printStackTrace(err);
    err.flush();
    return DEFECT;
  }
}
