package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Processes.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Identities over mTLS, and that nothing else is let in. */
final class WhoIsWho implements Step {
  private static final String STOREFRONT = "spiffe://cluster.local/ns/shop/sa/storefront";
  private static final String REVIEWS = "spiffe://cluster.local/ns/shop/sa/reviews";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "Who talks to whom";
  }

  @Override
  public String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException {
    screen.line(
        "storefront asks http://reviews.shop:8080; each side reads the other's certificate:");
    Map<String, Fields> answers = new TreeMap<>();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (answers.size() < shop.instances().size() && System.nanoTime() < deadline) {
      Fields answer = shop.call();
      NotSeen.check(
          answer.text("status").equals("200"), "a call failed: " + answer, shop.storefront());
      answers.putIfAbsent(answer.text("instance"), answer);
    }
    screen.line("  %-14s %-46s %s", "", "who it is, as storefront read", "who asks, as it read");
    for (Map.Entry<String, Fields> entry : answers.entrySet()) {
      Fields answer = entry.getValue();
      screen.line("  %-14s %-46s %s", entry.getKey(), answer.text("server"), answer.text("caller"));
      NotSeen.check(
          answer.text("server").equals(REVIEWS),
          "storefront read another identity than " + REVIEWS,
          shop.storefront());
      NotSeen.check(
          answer.text("caller").equals(STOREFRONT),
          entry.getKey() + " read another identity than " + STOREFRONT,
          shop.reviews(entry.getKey()));
    }
    NotSeen.check(
        answers.size() == shop.instances().size(),
        "only these instances answered: " + answers.keySet(),
        shop.controlPlane());
    screen.line("Plaintext, from a raw socket (PeerAuthentication says STRICT):");
    for (Instance instance : shop.instances()) {
      String end = plaintext(instance.port());
      screen.line("  %-14s 127.0.0.1:%d  %s", instance.name(), instance.port(), end);
      NotSeen.check(
          end.startsWith("refused"), "plaintext was let in", shop.reviews(instance.name()));
    }
    return answers.size() + " instances, mTLS both ways; plaintext refused by all";
  }

  private static String plaintext(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /reviews/1 HTTP/1.1\r\nHost: reviews.shop:8080\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      int first = in.read();
      return first < 0 ? "refused: connection closed, not a byte answered" : "ANSWERED";
    } catch (SocketException e) {
      return "refused: connection reset, not a byte answered";
    }
  }
}
