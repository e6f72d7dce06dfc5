package io.inmesh.config;

import io.inmesh.match.StringMatcher;
import io.inmesh.match.Strings;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import java.util.ArrayList;
import java.util.List;

/** Compiles the matchers on a peer's subject alternative names. */
public final class SanMatchers {
  private SanMatchers() {}

  /**
   * Both fields of a validation context: {@code match_typed_subject_alt_names} and the deprecated
   * {@code match_subject_alt_names} (what istiod sends), which judges names of every type. Envoy
   * takes the typed ones alone where both are set.
   *
   * @throws ConfigException a wrong pattern; not yet: {@code OTHER_NAME}
   */
  @SuppressWarnings("deprecation")
  public static List<TransportSocket.San> compile(CertificateValidationContext proto) {
    if (proto.getMatchTypedSubjectAltNamesCount() > 0) {
      return ConfigException.each(
          "match_typed_subject_alt_names",
          proto.getMatchTypedSubjectAltNamesList(),
          SanMatchers::compile);
    }
    List<TransportSocket.San> sans = new ArrayList<>();
    sans.addAll(
        ConfigException.each(
            "match_subject_alt_names",
            proto.getMatchSubjectAltNamesList(),
            (io.inmesh.proto.envoy.type.matcher.v3.StringMatcher m) -> san("ANY", m)));
    return List.copyOf(sans);
  }

  /** One typed matcher. */
  public static TransportSocket.San compile(SubjectAltNameMatcher proto) {
    return switch (proto.getSanType()) {
      case URI -> san("URI", proto.getMatcher());
      case DNS -> san("DNS", proto.getMatcher());
      case EMAIL -> san("EMAIL", proto.getMatcher());
      case IP_ADDRESS -> san("IP", proto.getMatcher());
      case OTHER_NAME ->
          throw ConfigException.notYet("san_type", "names of type OTHER_NAME are not read");
      default -> throw new ConfigException("san_type", "must be EMAIL, DNS, URI or IP_ADDRESS");
    };
  }

  private static TransportSocket.San san(
      String type, io.inmesh.proto.envoy.type.matcher.v3.StringMatcher proto) {
    StringMatcher matcher =
        type.equals("DNS") && proto.hasExact()
            ? Strings.dnsName(proto.getExact())
            : ConfigException.field("matcher", proto, StringMatchers::compile);
    return new TransportSocket.San(type, text(type, proto), matcher);
  }

  private static String text(
      String type, io.inmesh.proto.envoy.type.matcher.v3.StringMatcher proto) {
    String pattern =
        switch (proto.getMatchPatternCase()) {
          case EXACT -> proto.getExact();
          case PREFIX -> proto.getPrefix() + "*";
          case SUFFIX -> "*" + proto.getSuffix();
          case CONTAINS -> "*" + proto.getContains() + "*";
          default -> "~" + proto.getSafeRegex().getRegex();
        };
    return (type.equals("ANY") ? "" : type + ":")
        + pattern
        + (proto.getIgnoreCase() ? " (ignoring case)" : "");
  }
}
