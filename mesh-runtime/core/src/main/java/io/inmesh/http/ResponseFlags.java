package io.inmesh.http;

/** A set of {@link ResponseFlag}s in one int. */
public final class ResponseFlags {
  private int bits;

  public void add(ResponseFlag flag) {
    bits |= flag.bit();
  }

  public boolean has(ResponseFlag flag) {
    return (bits & flag.bit()) != 0;
  }

  /** As Envoy's {@code response.flags}: the bit of each flag there, not here. */
  public long envoyBits() {
    long envoys = 0;
    for (ResponseFlag flag : ResponseFlag.values()) {
      if (has(flag)) {
        envoys |= 1L << flag.envoyBit();
      }
    }
    return envoys;
  }

  /**
   * As the access log shows them: {@code URX,UF}; {@code -} when there is none. Envoy's order: URX
   * before what it limited.
   */
  @Override
  public String toString() {
    if (bits == 0) {
      return "-";
    }
    StringBuilder text = new StringBuilder();
    if (has(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED)) {
      text.append(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED.text());
    }
    for (ResponseFlag flag : ResponseFlag.values()) {
      if (has(flag) && flag != ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED) {
        text.append(text.length() == 0 ? "" : ",").append(flag.text());
      }
    }
    return text.toString();
  }
}
