package io.inmesh.examples.quickstart;

import io.inmesh.examples.quickstart.Processes.Instance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Somebody with an identity, but without permission. */
final class DeniedCaller implements Step {
  private static final String POLICY = "ns[shop]-policy[only-the-storefront]-rule[0]";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String title() {
    return "A caller without permission";
  }

  @Override
  public String show(Shop shop, Screen screen) throws IOException, NotSeen, InterruptedException {
    Child visitor = shop.processes().caller("visitor");
    Processes.awaitReady(visitor);
    List<Child> servers = new ArrayList<>();
    List<Integer> marks = new ArrayList<>();
    for (Instance instance : shop.instances()) {
      servers.add(shop.reviews(instance.name()));
      marks.add(shop.reviews(instance.name()).mark());
    }
    Fields answer = visitor.ask("call", "call", LIMIT);
    visitor.leave();
    String body = answer.text("body").replace('_', ' ');
    screen.line(
        "spiffe://cluster.local/ns/shop/sa/visitor asks the same URL: %s %s",
        answer.text("status"), body);
    NotSeen.check(
        answer.text("status").equals("403") && body.equals("RBAC: access denied"),
        "not 403 \"RBAC: access denied\"",
        visitor);
    long end = System.nanoTime() + LIMIT.toNanos();
    String seen = find(servers, marks, screen);
    while (seen == null && System.nanoTime() < end) {
      Thread.sleep(20);
      seen = find(servers, marks, screen);
    }
    NotSeen.check(seen != null, "no log of reviews names the policy " + POLICY, servers.get(0));
    return "403 RBAC: access denied; the log of " + seen + " names the policy";
  }

  private static @Nullable String find(List<Child> servers, List<Integer> marks, Screen screen) {
    for (int i = 0; i < servers.size(); i++) {
      for (Child.Line line : servers.get(i).since(marks.get(i))) {
        if (line.text().contains(POLICY) && line.text().contains("/sa/visitor")) {
          screen.line("%s logs (logger io.inmesh.call, WARN):", servers.get(i).name());
          show(line.text(), screen);
          return servers.get(i).name();
        }
      }
    }
    return null;
  }

  /** The message; the fields before it are for those who search logs. */
  private static void show(String line, Screen screen) {
    String message = line.substring(Math.max(0, line.indexOf("refused ")));
    int at = message.indexOf(" from ");
    screen.line("  %s", at < 0 ? message : message.substring(0, at));
    if (at >= 0) {
      for (String part : message.substring(at + 1).split(": 403 ", 2)) {
        screen.line("    %s", part);
      }
    }
  }
}
