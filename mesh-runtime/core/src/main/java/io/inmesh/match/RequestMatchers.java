package io.inmesh.match;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.match.MetadataValues.ValueMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The kinds of RBAC permission and principal. */
public final class RequestMatchers {
  private static final RequestMatcher ANY = facts -> true;
  private static final RequestMatcher[] NO_MATCHERS = {};

  private RequestMatchers() {}

  public static RequestMatcher any() {
    return ANY;
  }

  public static RequestMatcher not(RequestMatcher matcher) {
    return facts -> !matcher.matches(facts);
  }

  public static RequestMatcher all(List<RequestMatcher> matchers) {
    return matchers.size() == 1 ? matchers.get(0) : new All(matchers.toArray(NO_MATCHERS));
  }

  /** One of them; exact paths among them cost as much as one. */
  public static RequestMatcher oneOf(List<RequestMatcher> matchers) {
    List<RequestMatcher> merged = mergePaths(matchers);
    return merged.size() == 1 ? merged.get(0) : new OneOf(merged.toArray(NO_MATCHERS));
  }

  private static List<RequestMatcher> mergePaths(List<RequestMatcher> matchers) {
    Set<String> exact = new HashSet<>();
    List<RequestMatcher> merged = new ArrayList<>();
    for (RequestMatcher matcher : matchers) {
      Set<String> texts = matcher instanceof UrlPath path ? path.paths() : null;
      if (texts == null) {
        merged.add(matcher);
      } else {
        exact.addAll(texts);
      }
    }
    if (exact.size() < 4) {
      return matchers;
    }
    merged.add(0, urlPath(Strings.oneOf(exact)));
    return merged;
  }

  public static RequestMatcher header(HeaderMatcher matcher) {
    return facts -> {
      RequestHead head = facts.head();
      return head != null && matcher.matches(head);
    };
  }

  /** {@code url_path}, {@code uri_template}: the path without query. */
  public static RequestMatcher urlPath(StringMatcher path) {
    return new UrlPath(path);
  }

  public static RequestMatcher localIp(Cidr range) {
    return facts -> range.contains(facts.local());
  }

  public static RequestMatcher localPort(IntRange ports) {
    return facts -> ports.contains(facts.connection().localPort());
  }

  public static RequestMatcher serverName(StringMatcher name) {
    return facts -> name.matches(facts.connection().sni());
  }

  public static RequestMatcher directRemoteIp(Cidr range) {
    return facts -> range.contains(facts.directRemote());
  }

  public static RequestMatcher remoteIp(Cidr range) {
    return facts -> range.contains(facts.remote());
  }

  /** Any TLS peer, whatever its names. */
  public static RequestMatcher tls() {
    return facts -> facts.connection().tls();
  }

  /** A peer whose certificate was verified. */
  public static RequestMatcher verifiedPeer() {
    return facts -> facts.connection().peerCertificateHash() != null;
  }

  /** {@code authenticated.principal_name}: a URI name, else a DNS name, else the subject. */
  public static RequestMatcher authenticated(StringMatcher name) {
    return new Authenticated(name);
  }

  /** A verified peer with a URI name ({@code uri}) or a DNS name that matches. */
  public static RequestMatcher san(boolean uri, StringMatcher name) {
    return facts -> {
      Connection peer = facts.connection();
      return peer.peerCertificateHash() != null
          && anyOf(uri ? peer.peerUriSans() : peer.peerDnsSans(), name);
    };
  }

  public static RequestMatcher metadata(
      String namespace, List<String> path, ValueMatcher value, boolean invert) {
    List<String> keys = List.copyOf(path);
    return facts -> value.matches(facts.metadata(namespace, keys)) != invert;
  }

  private static boolean anyOf(List<String> names, StringMatcher matcher) {
    for (int i = 0; i < names.size(); i++) {
      if (matcher.matches(names.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Null if one of them asks for nothing. */
  private static @Nullable Set<String> union(
      RequestMatcher[] each, Function<RequestMatcher, @Nullable Set<String>> of) {
    Set<String> all = new HashSet<>();
    for (RequestMatcher matcher : each) {
      Set<String> one = of.apply(matcher);
      if (one == null) {
        return null;
      }
      all.addAll(one);
    }
    return all;
  }

  /** What one of them asks for holds for all of them. */
  private static @Nullable Set<String> fewest(
      RequestMatcher[] each, Function<RequestMatcher, @Nullable Set<String>> of) {
    Set<String> fewest = null;
    for (RequestMatcher matcher : each) {
      Set<String> one = of.apply(matcher);
      if (one != null && (fewest == null || one.size() < fewest.size())) {
        fewest = one;
      }
    }
    return fewest;
  }

  private static final class All implements RequestMatcher {
    private final RequestMatcher[] each;

    All(RequestMatcher[] each) {
      this.each = each;
    }

    @Override
    public boolean matches(RequestFacts facts) {
      for (RequestMatcher matcher : each) {
        if (!matcher.matches(facts)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public @Nullable Set<String> paths() {
      return fewest(each, RequestMatcher::paths);
    }

    @Override
    public @Nullable Set<String> peers() {
      return fewest(each, RequestMatcher::peers);
    }
  }

  private static final class OneOf implements RequestMatcher {
    private final RequestMatcher[] each;

    OneOf(RequestMatcher[] each) {
      this.each = each;
    }

    @Override
    public boolean matches(RequestFacts facts) {
      for (RequestMatcher matcher : each) {
        if (matcher.matches(facts)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public @Nullable Set<String> paths() {
      return union(each, RequestMatcher::paths);
    }

    @Override
    public @Nullable Set<String> peers() {
      return union(each, RequestMatcher::peers);
    }
  }

  private record Authenticated(StringMatcher name) implements RequestMatcher {
    @Override
    public boolean matches(RequestFacts facts) {
      Connection peer = facts.connection();
      return peer.tls()
          && (anyOf(peer.peerUriSans(), name)
              || anyOf(peer.peerDnsSans(), name)
              || name.matches(peer.peerSubject()));
    }

    @Override
    public @Nullable Set<String> peers() {
      return Strings.exactTexts(name);
    }
  }

  private record UrlPath(StringMatcher path) implements RequestMatcher {
    @Override
    public @Nullable Set<String> paths() {
      return Strings.exactTexts(path);
    }

    @Override
    public boolean matches(RequestFacts facts) {
      @Nullable RequestHead head = facts.head();
      return head != null
          && !head.path().isEmpty()
          && path.matches(head.path(), 0, head.pathLength());
    }
  }
}
