package io.inmesh.controlplane;

import java.time.Instant;

/**
 * Something that happened.
 *
 * @param subject the workload ({@code namespace/name}) or the file it is about
 * @param detail for people
 */
public record ControlPlaneEvent(Instant at, Kind kind, String subject, String detail) {

  /** What happened. */
  public enum Kind {
    /** A workload connected for the first time. */
    REGISTERED,
    /** A workload's stream broke; its endpoints stay for the endpoint grace. */
    LOST,
    /** A lost or remembered workload is back. */
    RETURNED,
    /** A workload's endpoints are gone. */
    REMOVED,
    /** A file is in force, and every connected workload has been sent what changed. */
    CONFIG_APPLIED,
    /** A file is refused; its last good state stays in force. */
    CONFIG_REFUSED,
    /** Something in force is probably not what its author wants; the subject is the file. */
    CONFIG_WARNING,
    /** A workload refused a resource (NACK). */
    RESOURCE_REFUSED
  }
}
