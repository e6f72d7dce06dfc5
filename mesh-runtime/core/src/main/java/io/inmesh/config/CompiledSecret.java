package io.inmesh.config;

import com.google.protobuf.ByteString;
import java.util.List;

/** A compiled {@code Secret}: what it says, not yet read as keys and certificates. */
public sealed interface CompiledSecret {
  /** Bytes of a {@code DataSource}: here already, or in a file or variable. Never printed. */
  record Source(String inFile, String inVariable, ByteString here) {
    @Override
    public String toString() {
      return !inFile.isEmpty() ? inFile : inVariable.isEmpty() ? "(inline)" : "$" + inVariable;
    }
  }

  /** {@code tls_certificate}, both parts PEM. */
  record Certificate(Source chain, Source key) implements CompiledSecret {}

  /**
   * {@code validation_context}.
   *
   * @param roots PEM
   * @param sans added to those of the context that names this secret
   */
  record Validation(Source roots, List<TransportSocket.San> sans) implements CompiledSecret {}
}
