package io.inmesh.driver;

import io.inmesh.call.Command;

/** What an adapter lends the blocking driver for one call. */
public interface BlockingTransport {
  /** Prepares an attempt; no I/O yet. Called on the caller's thread. */
  Exchange open(Command.Start start);

  /** Prepares a copy of the request whose answer nobody reads. */
  Exchange mirror(Command.Mirror mirror);
}
