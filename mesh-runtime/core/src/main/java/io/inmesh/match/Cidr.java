package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code CidrRange}. IPv4 and IPv6 never match each other; {@code 0.0.0.0/0} is all of
 * IPv4 only. A range inside {@code ::ffff:0:0/96} means the IPv4 addresses that it maps.
 */
public record Cidr(IpAddress base, int prefix) {

  /**
   * @throws IllegalArgumentException not an address, or a prefix too long for it
   */
  public static Cidr of(String address, int prefix) {
    IpAddress base = IpAddress.parse(address);
    if (base == null) {
      throw new IllegalArgumentException("'" + address + "' is not an IP address");
    }
    boolean mapped = base.v4() && address.indexOf(':') >= 0;
    int bits = base.v4() && !mapped ? 32 : 128;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException("prefix length " + prefix + " of " + address);
    }
    if (mapped && prefix < 96) {
      return new Cidr(new IpAddress(false, 0, 0xffff_0000_0000L | base.low()), prefix);
    }
    return new Cidr(base, mapped ? prefix - 96 : prefix);
  }

  public boolean contains(@Nullable IpAddress address) {
    if (address == null || address.v4() != base.v4()) {
      return false;
    }
    if (base.v4()) {
      return same(address.low() << 32, base.low() << 32, prefix);
    }
    return same(address.high(), base.high(), Math.min(prefix, 64))
        && same(address.low(), base.low(), Math.max(prefix - 64, 0));
  }

  private static boolean same(long one, long other, int bits) {
    return bits == 0 || (one ^ other) >>> (64 - bits) == 0;
  }
}
