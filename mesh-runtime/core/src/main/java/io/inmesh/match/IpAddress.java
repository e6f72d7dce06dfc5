package io.inmesh.match;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as numbers. A v4-mapped IPv6 address ({@code ::ffff:10.1.2.3}) is the
 * IPv4 address that it maps, as on Envoy's dual-stack listeners.
 *
 * @param v4 the address is the low 32 bits of {@code low}
 */
public record IpAddress(boolean v4, long high, long low) {

  /** Null when the text is not a literal address. Never asks DNS; zones are refused. */
  public static @Nullable IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? parse6(text) : parse4(text, 0);
  }

  public static IpAddress of(InetAddress address) {
    return of(address.getAddress());
  }

  /** From 4 or 16 bytes in network order. */
  public static IpAddress of(byte[] bytes) {
    if (bytes.length == 4) {
      return new IpAddress(true, 0, number(bytes, 0, 4));
    }
    return of6(number(bytes, 0, 8), number(bytes, 8, 8));
  }

  private static IpAddress of6(long high, long low) {
    return high == 0 && low >>> 32 == 0xffff
        ? new IpAddress(true, 0, low & 0xffffffffL)
        : new IpAddress(false, high, low);
  }

  private static long number(byte[] bytes, int from, int count) {
    long number = 0;
    for (int i = from; i < from + count; i++) {
      number = number << 8 | bytes[i] & 0xff;
    }
    return number;
  }

  private static @Nullable IpAddress parse4(String text, int from) {
    long address = 0;
    int at = from;
    for (int part = 0; part < 4; part++) {
      int start = at;
      int value = 0;
      while (at < text.length() && at - start < 3 && digit(text.charAt(at))) {
        value = value * 10 + text.charAt(at++) - '0';
      }
      // 010 is eight to some resolvers and ten to others: refused
      if (at == start || value > 255 || at - start > 1 && text.charAt(start) == '0') {
        return null;
      }
      if (part < 3 && (at == text.length() || text.charAt(at++) != '.')) {
        return null;
      }
      address = address << 8 | value;
    }
    return at == text.length() ? new IpAddress(true, 0, address) : null;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static @Nullable IpAddress parse6(String text) {
    int[] groups = new int[8];
    int count = 0;
    int gap = -1;
    int at = 0;
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    } else if (text.startsWith(":")) {
      return null;
    }
    while (at < text.length()) {
      if (count == 8) {
        return null;
      }
      int end = at;
      int value = 0;
      while (end < text.length() && Character.digit(text.charAt(end), 16) >= 0) {
        if (text.charAt(end) > 'f' || end - at == 4) {
          return null;
        }
        value = value << 4 | Character.digit(text.charAt(end++), 16);
      }
      if (end < text.length() && text.charAt(end) == '.') {
        IpAddress tail = parse4(text, at);
        if (tail == null || count > 6) {
          return null;
        }
        groups[count++] = (int) (tail.low >>> 16);
        groups[count++] = (int) (tail.low & 0xffff);
        break;
      }
      if (end == at) {
        return null;
      }
      groups[count++] = value;
      at = end;
      if (at == text.length()) {
        break;
      }
      if (text.charAt(at++) != ':' || at == text.length()) {
        return null;
      }
      if (text.charAt(at) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        at++;
      }
    }
    if (gap < 0 ? count != 8 : count > 7) {
      return null;
    }
    return of6(words(groups, count, gap, 0), words(groups, count, gap, 4));
  }

  /** Four groups from {@code first} on, with the gap filled by zeros. */
  private static long words(int[] groups, int count, int gap, int first) {
    long words = 0;
    for (int i = first; i < first + 4; i++) {
      int group;
      if (gap < 0 || i < gap) {
        group = groups[i];
      } else {
        int fromEnd = 8 - i;
        group = fromEnd <= count - gap ? groups[count - fromEnd] : 0;
      }
      words = words << 16 | group;
    }
    return words;
  }
}
