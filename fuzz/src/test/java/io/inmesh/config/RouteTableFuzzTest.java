package io.inmesh.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import java.nio.charset.StandardCharsets;

/** Whatever routes a control plane sends: they compile or are refused, and every request passes. */
class RouteTableFuzzTest {

  /** Authority and path on a line each, and then the RouteConfiguration. */
  @FuzzTest(maxDuration = "10s")
  void compilesOrSaysWhyNot(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    int first = text.indexOf('\n');
    int second = text.indexOf('\n', first + 1);
    if (first < 0 || second < 0) {
      return;
    }
    RouteConfiguration routes;
    try {
      routes =
          RouteConfiguration.parseFrom(
              ByteString.copyFrom(data, second + 1, data.length - second - 1));
    } catch (InvalidProtocolBufferException e) {
      return; // the store says so: see ConfigStoreFuzzTest
    }
    RouteTable table;
    try {
      table = RouteTableCompiler.compile(routes);
    } catch (ConfigException e) {
      return;
    }
    String authority = text.substring(0, first);
    String path = text.substring(first + 1, second);
    VirtualHost host = table.find(authority);
    if (host != null) {
      Headers headers = Headers.of("x-env", "canary", "cookie", "a=b");
      host.route(
          new RequestHead("GET", "http", authority, path, headers, Protocol.HTTP11), () -> 7L);
    }
  }
}
