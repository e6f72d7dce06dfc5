package io.inmesh.config;

import io.inmesh.http.RequestHead;
import io.inmesh.match.Cel;

/** What formats and conditions of access logs may ask of a call that is over. */
public interface LogFacts extends HeaderEdits.FormatValues, Cel.Attributes {
  RequestHead request();

  /** 0: none was given. */
  int status();

  long durationMillis();

  /** {@code UH}. */
  boolean flag(String text);

  boolean anyFlag();

  /** -1: none. */
  int grpcStatus();

  /** Its trace is sampled. */
  boolean traced();

  /** 64 random bits. */
  long random();
}
