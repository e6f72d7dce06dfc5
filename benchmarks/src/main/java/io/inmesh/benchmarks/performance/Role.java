package io.inmesh.benchmarks.performance;

/** What a caller's or a server's process is made of. */
enum Role {
  /** Plaintext, no mesh. */
  RAW,
  /** Mutual TLS by JSSE with certificates of the mesh's authority, no mesh. */
  RAW_TLS,
  /** Wrapped. */
  MESHED
}
