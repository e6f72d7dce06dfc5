package io.inmesh.upstream;

/** The answer to {@link Cluster#acquire}: a lease, or why there is none. */
public sealed interface Acquisition permits Lease, Refusal {}
