package io.inmesh.okhttp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Dns;

/**
 * The endpoint's address and nothing else. A value: OkHttp shares connections only between equal
 * ones.
 *
 * @param ip of the endpoint
 */
record EndpointDns(String ip) implements Dns {
  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    return List.of(InetAddress.getByName(ip));
  }
}
