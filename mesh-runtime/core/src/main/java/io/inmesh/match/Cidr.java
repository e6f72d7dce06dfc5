package io.inmesh.match;

import org.jspecify.annotations.Nullable;

/**
 * A compiled {@code CidrRange}. IPv4 and IPv6 never match each other: {@code 0.0.0.0/0} is all of
 * IPv4 only, and a range written as {@code ::ffff:10.0.0.0/104} matches nothing, since Envoy sees
 * the mapped addresses as IPv4.
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
    boolean colons = address.indexOf(':') >= 0;
    if (prefix < 0 || prefix > (colons ? 128 : 32)) {
      throw new IllegalArgumentException("prefix length " + prefix + " of " + address);
    }
    if (colons && base.v4()) {
      base = new IpAddress(false, 0, 0xffff_0000_0000L | base.low());
    }
    return new Cidr(base, prefix);
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
