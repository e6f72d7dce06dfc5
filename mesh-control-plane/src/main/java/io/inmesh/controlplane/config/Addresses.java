package io.inmesh.controlplane.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** IP addresses and CIDR blocks; never a DNS question. */
public final class Addresses {
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

  private Addresses() {}

  static String ip(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    if (!isIp(text)) {
      throw value.refused(
          "\""
              + text
              + "\" is not an IP address"
              + (text.contains("/") ? "; CIDR is not implemented here" : ""));
    }
    return text;
  }

  static String cidr(Value value) throws ConfigRefused {
    String text = value.nonEmpty();
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    int max = address.contains(":") ? 128 : 32;
    if (isIp(address)) {
      if (slash < 0) {
        return text + "/" + max;
      }
      try {
        int length = Integer.parseInt(text.substring(slash + 1));
        if (length >= 0 && length <= max) {
          return text;
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw value.refused("\"" + text + "\" is not an IP address or CIDR block");
  }

  /** Whether this is an IPv4 or IPv6 address in numbers. */
  public static boolean isIp(String text) {
    if (IPV4.matcher(text).matches()) {
      return true;
    }
    if (!IPV6.matcher(text).matches()) {
      return false;
    }
    try {
      return InetAddress.getByName(text).getAddress().length == 16;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
