package io.inmesh.match;

import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.match.MetadataValues.ValueMatcher;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kinds of RBAC permission and principal. */
public final class RequestMatchers {
  private static final RequestMatcher ANY = facts -> true;

  private RequestMatchers() {}

  public static RequestMatcher any() {
    return ANY;
  }

  public static RequestMatcher not(RequestMatcher matcher) {
    return facts -> !matcher.matches(facts);
  }

  public static RequestMatcher all(List<RequestMatcher> matchers) {
    RequestMatcher[] each = matchers.toArray(new RequestMatcher[0]);
    return each.length == 1
        ? each[0]
        : facts -> {
          for (RequestMatcher matcher : each) {
            if (!matcher.matches(facts)) {
              return false;
            }
          }
          return true;
        };
  }

  /** One of them; exact paths among them cost as much as one. */
  public static RequestMatcher oneOf(List<RequestMatcher> matchers) {
    RequestMatcher[] each = mergePaths(matchers).toArray(new RequestMatcher[0]);
    return each.length == 1
        ? each[0]
        : facts -> {
          for (RequestMatcher matcher : each) {
            if (matcher.matches(facts)) {
              return true;
            }
          }
          return false;
        };
  }

  private static List<RequestMatcher> mergePaths(List<RequestMatcher> matchers) {
    Set<String> exact = new HashSet<>();
    List<RequestMatcher> merged = new ArrayList<>();
    for (RequestMatcher matcher : matchers) {
      String text = matcher instanceof UrlPath path ? Strings.exactText(path.path) : null;
      if (text == null) {
        merged.add(matcher);
      } else {
        exact.add(text);
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
    return facts -> {
      Connection peer = facts.connection();
      return peer.tls()
          && (anyOf(peer.peerUriSans(), name)
              || anyOf(peer.peerDnsSans(), name)
              || name.matches(peer.peerSubject()));
    };
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

  private record UrlPath(StringMatcher path) implements RequestMatcher {
    @Override
    public boolean matches(RequestFacts facts) {
      @Nullable RequestHead head = facts.head();
      return head != null
          && !head.path().isEmpty()
          && path.matches(head.path(), 0, head.pathLength());
    }
  }
}
