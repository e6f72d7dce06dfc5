package io.inmesh.runtime;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;

/** The address that others most likely reach this process by. */
final class LocalAddress {
  private LocalAddress() {}

  /** The first IPv4 address of an interface that is up and not loopback; else 127.0.0.1. */
  static String guess() {
    try {
      for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (!nic.isUp() || nic.isLoopback()) {
          continue;
        }
        for (InterfaceAddress address : nic.getInterfaceAddresses()) {
          InetAddress ip = address.getAddress();
          if (ip.getAddress().length == 4 && !ip.isLinkLocalAddress()) {
            return ip.getHostAddress();
          }
        }
      }
    } catch (SocketException e) {
      // no interfaces that can be seen
    }
    return "127.0.0.1";
  }
}
