package io.inmesh.runtime;

import io.inmesh.MeshException;
import io.inmesh.Setting;
import io.inmesh.call.Exclusions;
import io.inmesh.match.Cidr;
import io.inmesh.match.CidrSet;
import io.inmesh.match.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * {@link Setting#EXCLUDE}, and what {@link io.inmesh.Mesh#bypass} adds and takes back at run time.
 * A call reads one volatile and takes no lock; without any destination it costs a look at the
 * host's first letters.
 */
final class ConfiguredExclusions implements Exclusions {
  /** Every destination: the kill switch of the process. */
  private static final String EVERYTHING = "*";

  private final Set<String> destinations = new LinkedHashSet<>();
  private volatile Scope scope = Scope.NOTHING;

  ConfiguredExclusions(Settings settings) {
    String text = settings.text(Setting.EXCLUDE);
    if (text != null) {
      for (String one : text.split(",")) {
        if (!one.isBlank()) {
          bypass(one, true);
        }
      }
    }
  }

  /** From the next call on. */
  synchronized void bypass(String destination, boolean on) {
    String name = destination.strip().toLowerCase(Locale.ROOT);
    if (name.indexOf('/') >= 0) {
      range(name); // a wrong one is refused before it is remembered
    }
    boolean changed = on ? destinations.add(name) : destinations.remove(name);
    if (changed) {
      scope = Scope.of(destinations);
    }
  }

  @Override
  public boolean excludes(String host, int port) {
    return Exclusions.isLoopback(host) || scope.contains(host, port);
  }

  private static Cidr range(String text) {
    int slash = text.indexOf('/');
    try {
      return Cidr.of(text.substring(0, slash), Integer.parseInt(text.substring(slash + 1)));
    } catch (RuntimeException e) {
      throw new MeshException(
          Setting.EXCLUDE.key() + ": \"" + text + "\" is not a CIDR range such as 10.0.0.0/8", e);
    }
  }

  private record Scope(boolean everything, Set<String> names, CidrSet ranges) {
    static final Scope NOTHING = new Scope(false, Set.of(), new CidrSet(List.of()));

    static Scope of(Set<String> destinations) {
      Set<String> names = new LinkedHashSet<>();
      List<Cidr> ranges = new ArrayList<>();
      for (String destination : destinations) {
        if (destination.indexOf('/') >= 0) {
          ranges.add(range(destination));
        } else {
          names.add(destination);
        }
      }
      return new Scope(names.remove(EVERYTHING), Set.copyOf(names), new CidrSet(ranges));
    }

    boolean contains(String host, int port) {
      if (everything) {
        return true;
      }
      if (!names.isEmpty()) {
        String name = host.toLowerCase(Locale.ROOT);
        if (names.contains(name) || names.contains(name + ":" + port)) {
          return true;
        }
      }
      return !ranges.ranges().isEmpty() && ranges.contains(IpAddress.parse(bare(host)));
    }

    /** IPv6 literals stand in brackets in an authority. */
    private static String bare(String host) {
      return host.startsWith("[") && host.endsWith("]")
          ? host.substring(1, host.length() - 1)
          : host;
    }
  }
}
