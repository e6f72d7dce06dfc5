package io.inmesh.differential;

import io.inmesh.identity.PeerIdentity;
import io.inmesh.identity.TestPki;
import io.inmesh.proto.envoy.type.matcher.v3.StringMatcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Who calls a server: nobody known (plaintext, TLS without a certificate), or one with names. */
public final class Peers {
  /** No TLS. */
  public static final String PLAINTEXT = "";

  public static final String SNI = "shop.example";
  private static final String NOBODY = "nobody";
  private static final String LOCAL = "spiffe://cluster.local/ns/shop/sa/served";
  private static final TestPki PKI = TestPki.create();
  private static final TestPki.Leaf SERVER = PKI.named("", List.of(LOCAL), List.of());
  private static final Map<String, TestPki.Leaf> PEERS = new LinkedHashMap<>();
  private static final Map<String, SSLContext> CONTEXTS = new LinkedHashMap<>();

  static {
    PEERS.put("web", PKI.named("", List.of("spiffe://cluster.local/ns/shop/sa/web"), List.of()));
    PEERS.put("admin", PKI.named("", List.of("spiffe://cluster.local/ns/ops/sa/admin"), List.of()));
    PEERS.put("dns", PKI.named("", List.of(), List.of("web.shop.example", "shop.example")));
    PEERS.put(
        "both",
        PKI.named(
            "CN=both,O=Shop",
            List.of("spiffe://cluster.local/ns/shop/sa/both", "https://shop.example/both"),
            List.of("both.shop.example")));
    PEERS.put("subject", PKI.named("CN=plain,OU=Web,O=Shop", List.of(), List.of()));
    PEERS.forEach((name, leaf) -> CONTEXTS.put(name, context(leaf)));
    CONTEXTS.put(NOBODY, context(null));
  }

  private Peers() {}

  /** What the engine is told of a connection; strings alone, for any class loader. */
  public record Known(
      List<String> uris, List<String> dns, String subject, String hash, String localUri) {}

  /** Half of all connections are plaintext. */
  static Arbitrary<String> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.just(PLAINTEXT)),
        Tuple.of(5, Arbitraries.of(List.copyOf(PEERS.keySet()))),
        Tuple.of(1, Arbitraries.just(NOBODY)));
  }

  /** What policies ask for; often what somebody shows. */
  static Arbitrary<String> names() {
    return Arbitraries.of(
        "spiffe://cluster.local/ns/shop/sa/web",
        "spiffe://cluster.local/ns/shop/",
        "spiffe://cluster.local/ns/ops/sa/admin",
        "/sa/both",
        "https://shop.example/both",
        "web.shop.example",
        "both.shop.example",
        "SPIFFE://cluster.local/ns/shop/sa/web",
        "CN=plain,OU=Web,O=Shop",
        "CN=both,O=Shop",
        "O=Shop",
        "spiffe://");
  }

  /** Matchers that often say yes. */
  static Arbitrary<StringMatcher> matchers() {
    StringMatcher.Builder is = StringMatcher.newBuilder();
    return Arbitraries.frequencyOf(
        Tuple.of(1, Matchers.string(names())),
        Tuple.of(
            2,
            Arbitraries.of(
                is.setExact("spiffe://cluster.local/ns/shop/sa/web").build(),
                is.setExact("CN=plain,OU=Web,O=Shop").build(),
                is.setExact("web.shop.example").build(),
                is.setPrefix("spiffe://cluster.local/").build(),
                is.setPrefix("SPIFFE://").setIgnoreCase(true).build(),
                is.setIgnoreCase(false).setSuffix("shop.example").build(),
                is.setSuffix("/sa/web").build(),
                is.setContains("shop").build(),
                is.setSafeRegex(Matchers.regex("spiffe://.*/sa/(web|both)")).build(),
                is.setSafeRegex(Matchers.regex(".*")).build())));
  }

  /** An empty hash: no certificate. */
  public static Known known(String peer) {
    TestPki.Leaf leaf = PEERS.get(peer);
    if (leaf == null) {
      return new Known(List.of(), List.of(), "", "", LOCAL);
    }
    PeerIdentity identity = leaf.peer();
    return new Known(
        identity.uriNames(),
        identity.dnsNames(),
        identity.subject(),
        identity.certificateSha256(),
        LOCAL);
  }

  /** {@code transport_socket} of a filter chain, as JSON. */
  static String transportSocket() {
    return """
        {"name":"tls","typed_config":{"@type":"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
         "require_client_certificate":false,"common_tls_context":{
         "tls_certificates":[{"certificate_chain":{"inline_string":%s},"private_key":{"inline_string":%s}}],
         "validation_context":{"trusted_ca":{"inline_string":%s}}}}}"""
        .formatted(json(SERVER.chainPem()), json(SERVER.keyPem()), json(PKI.rootPem()));
  }

  private static String json(String text) {
    return '"' + text.replace("\n", "\\n").replace("\r", "") + '"';
  }

  static Socket connect(int port, String peer) throws IOException {
    if (peer.equals(PLAINTEXT)) {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    }
    SSLContext context = CONTEXTS.get(peer);
    if (context == null) {
      throw new IllegalArgumentException(peer);
    }
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(SNI)));
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(30_000);
    socket.startHandshake();
    return socket;
  }

  private static SSLContext context(TestPki.@org.jspecify.annotations.Nullable Leaf leaf) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("root", PKI.root());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      if (leaf != null) {
        List<X509Certificate> chain = new ArrayList<>(leaf.chain());
        own.setKeyEntry("own", leaf.key(), new char[0], chain.toArray(X509Certificate[]::new));
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
