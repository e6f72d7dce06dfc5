package io.inmesh.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.http.RequestHead;
import io.inmesh.proto.envoy.config.route.v3.Route;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.RouteMatch;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The index finds what a walk over the configuration in its order finds. */
class RouteIndexTest {
  private static final String[] SEGMENTS = {"a", "b", "ab", "A", "abc", "", "v1", "v10"};

  @Property(tries = 300)
  void theIndexAgreesWithALinearWalk(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int n) {
    agree(new Random(seed), n, 100);
  }

  @Test
  void theIndexAgreesWithALinearWalkOverTenThousandRoutes() {
    agree(new Random(7), 10_000, 2_000);
  }

  private static void agree(Random random, int routes, int requests) {
    VirtualHost.Builder host = VirtualHost.newBuilder().setName("h").addDomains("*");
    for (int i = 0; i < routes; i++) {
      Route.Builder route = Route.newBuilder().setName(String.valueOf(i));
      route.getDirectResponseBuilder().setStatus(200);
      host.addRoutes(route.setMatch(match(random)));
    }
    RouteConfiguration proto =
        RouteConfiguration.newBuilder().setName("r").addVirtualHosts(host).build();
    io.inmesh.config.VirtualHost compiled =
        java.util.Objects.requireNonNull(RouteTableCompiler.compile(proto).find("any"));
    int hits = 0;
    for (int i = 0; i < requests; i++) {
      String query = random.nextInt(3) == 0 ? "?q=/a" : "";
      RequestHead head =
          Replay.head(
              "http://any" + path(random, 1) + query, "x-n", String.valueOf(random.nextInt(3)));
      long value = random.nextInt(100);
      String expected = linear(proto.getVirtualHosts(0).getRoutesList(), head, value);
      var found = compiled.route(head, () -> value);
      assertThat(found == null ? null : found.name()).as(head.toString()).isEqualTo(expected);
      hits += found == null ? 0 : 1;
    }
    assertThat(hits + routes).isPositive();
  }

  private static RouteMatch match(Random random) {
    RouteMatch.Builder match = RouteMatch.newBuilder();
    switch (random.nextInt(5)) {
      case 0, 1 -> match.setPrefix(path(random, 1));
      case 2 -> match.setPath(path(random, 1));
      case 3 -> match.setPathSeparatedPrefix("/" + SEGMENTS[random.nextInt(5)]);
      default -> match.getSafeRegexBuilder().setRegex(path(random, 1) + "/[a-c]+");
    }
    if (random.nextInt(4) == 0) {
      match.getCaseSensitiveBuilder().setValue(random.nextBoolean());
    }
    if (random.nextInt(3) == 0) {
      match
          .addHeadersBuilder()
          .setName("x-n")
          .getStringMatchBuilder()
          .setExact(String.valueOf(random.nextInt(3)));
    }
    if (random.nextInt(6) == 0) {
      match.getRuntimeFractionBuilder().getDefaultValueBuilder().setNumerator(random.nextInt(100));
    }
    return match.build();
  }

  private static String path(Random random, int least) {
    StringBuilder path = new StringBuilder();
    int segments = least + random.nextInt(4);
    for (int i = 0; i < segments; i++) {
      path.append('/').append(SEGMENTS[random.nextInt(SEGMENTS.length)]);
    }
    return path.toString();
  }

  private static @Nullable String linear(List<Route> routes, RequestHead head, long random) {
    String path = head.path().substring(0, head.pathLength());
    for (Route route : routes) {
      RouteMatch match = route.getMatch();
      boolean fold = match.hasCaseSensitive() && !match.getCaseSensitive().getValue();
      String p = fold ? path.toLowerCase(Locale.ROOT) : path;
      boolean fits =
          switch (match.getPathSpecifierCase()) {
            case PREFIX -> p.startsWith(fold(match.getPrefix(), fold));
            case PATH -> p.equals(fold(match.getPath(), fold));
            case PATH_SEPARATED_PREFIX -> {
              String prefix = fold(match.getPathSeparatedPrefix(), fold);
              yield p.equals(prefix) || p.startsWith(prefix + "/");
            }
            default -> path.matches(match.getSafeRegex().getRegex());
          };
      for (var header : match.getHeadersList()) {
        fits &= header.getStringMatch().getExact().equals(head.header(header.getName()));
      }
      if (match.hasRuntimeFraction()) {
        fits &= random % 100 < match.getRuntimeFraction().getDefaultValue().getNumerator();
      }
      if (fits) {
        return route.getName();
      }
    }
    return null;
  }

  private static String fold(String text, boolean fold) {
    return fold ? text.toLowerCase(Locale.ROOT) : text;
  }

  @Test
  void aVirtualHostIsFoundExactlyThenByTheLongestWildcard() {
    RouteConfiguration.Builder proto =
        RouteConfiguration.newBuilder().setName("r").setIgnorePortInHostMatching(true);
    for (String domain :
        List.of(
            "*", "*.com", "*.shop.com", "*-x.shop.com", "a.shop.com", "shop.*", "shop.example.*")) {
      proto.addVirtualHostsBuilder().setName(domain).addDomains(domain);
    }
    CompiledRouteTable table = RouteTableCompiler.compile(proto.build());
    assertThat(name(table, "a.shop.com")).isEqualTo("a.shop.com");
    assertThat(name(table, "A.SHOP.com:8080")).isEqualTo("a.shop.com");
    assertThat(name(table, "b.shop.com")).isEqualTo("*.shop.com");
    assertThat(name(table, "b-x.shop.com")).isEqualTo("*-x.shop.com");
    assertThat(name(table, ".shop.com")).isEqualTo("*.com");
    assertThat(name(table, "shop.org")).isEqualTo("shop.*");
    assertThat(name(table, "shop.example.org")).isEqualTo("shop.example.*");
    assertThat(name(table, "[::1]:80")).isEqualTo("*");
    assertThat(name(table, "")).isEqualTo("*");
  }

  @Test
  void tenThousandVirtualHostsAreFoundByTheirDomains() {
    RouteConfiguration.Builder proto = RouteConfiguration.newBuilder().setName("r");
    for (int i = 0; i < 10_000; i++) {
      proto
          .addVirtualHostsBuilder()
          .setName("h" + i)
          .addDomains("h" + i + ".example")
          .addDomains("*.w" + i + ".example");
    }
    CompiledRouteTable table = RouteTableCompiler.compile(proto.build());
    for (int i = 0; i < 10_000; i++) {
      assertThat(name(table, "h" + i + ".example")).isEqualTo("h" + i);
      assertThat(name(table, "x.w" + i + ".example")).isEqualTo("h" + i);
    }
    assertThat(name(table, "h10000.example")).isEqualTo("none");
  }

  private static String name(CompiledRouteTable table, String host) {
    var found = table.find(host);
    return found == null ? "none" : found.name();
  }
}
