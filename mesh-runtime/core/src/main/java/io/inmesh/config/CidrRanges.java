package io.inmesh.config;

import io.inmesh.match.Cidr;
import io.inmesh.match.CidrSet;
import io.inmesh.proto.envoy.config.core.v3.CidrRange;
import java.util.List;

/** Compiles {@code CidrRange}. */
public final class CidrRanges {
  private CidrRanges() {}

  /**
   * @throws ConfigException not an IP address, or a prefix longer than it
   */
  public static Cidr compile(CidrRange proto) {
    try {
      return Cidr.of(proto.getAddressPrefix(), proto.getPrefixLen().getValue());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("address_prefix", String.valueOf(e.getMessage()));
    }
  }

  /**
   * @param field for messages
   */
  public static CidrSet compile(String field, List<CidrRange> protos) {
    return new CidrSet(ConfigException.each(field, protos, CidrRanges::compile));
  }
}
