package io.inmesh.runtime;

import io.inmesh.call.PlaintextExemptions;
import io.inmesh.config.InboundChain;
import io.inmesh.config.InboundTable.ConnectionFacts;
import io.inmesh.config.MeshTables;
import io.inmesh.config.SecretRef;
import io.inmesh.config.TransportSocket;
import io.inmesh.http.Connection;
import io.inmesh.identity.ClientHello;
import io.inmesh.identity.IdentityStore;
import io.inmesh.identity.IdentityUnavailableException;
import io.inmesh.identity.InboundTls;
import io.inmesh.identity.InboundTlsContexts;
import io.inmesh.identity.InboundTlsSelector;
import io.inmesh.identity.InboundTlsSpec;
import io.inmesh.identity.PeerIdentity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Decides about connections to the application's ports, by the filter chains that are in force, and
 * says who is at the other end. Thread-safe, never blocks.
 */
public final class InboundSecurity implements InboundTlsSelector {
  private final Supplier<@Nullable MeshTables> tables;
  private final InboundTlsContexts contexts;
  private final IdentityStore identity;
  private final Secrets secrets;
  private final PlaintextExemptions plaintext;
  private final boolean http2;

  InboundSecurity(
      Supplier<@Nullable MeshTables> tables,
      InboundTlsContexts contexts,
      IdentityStore identity,
      Secrets secrets,
      PlaintextExemptions plaintext) {
    this(tables, contexts, identity, secrets, plaintext, true);
  }

  private InboundSecurity(
      Supplier<@Nullable MeshTables> tables,
      InboundTlsContexts contexts,
      IdentityStore identity,
      Secrets secrets,
      PlaintextExemptions plaintext,
      boolean http2) {
    this.secrets = secrets;
    this.tables = tables;
    this.contexts = contexts;
    this.identity = identity;
    this.plaintext = plaintext;
    this.http2 = http2;
  }

  /** The same for a server without HTTP/2: callers that can speak nothing else are closed. */
  public InboundSecurity http1Only() {
    return new InboundSecurity(tables, contexts, identity, secrets, plaintext, false);
  }

  /**
   * What becomes of a connection and what its first bytes said.
   *
   * @param hello never incomplete
   */
  public record First(ClientHello hello, Decision decision) {}

  /**
   * By everything that has arrived of a connection; consumes nothing.
   *
   * @return null: more bytes are needed
   */
  public @Nullable First decide(
      String localIp, int localPort, String remoteIp, ByteBuffer received) {
    ClientHello hello = ClientHello.peek(received);
    if (hello.isIncomplete()) {
      return null;
    }
    if (hello.kind() == ClientHello.Kind.PLAINTEXT && !plaintext.none()) {
      switch (plaintext.look(localPort, received)) {
        case EXEMPT -> {
          return new First(hello, Decision.plaintext("exempt by inmesh.plaintext"));
        }
        case INCOMPLETE -> {
          return null;
        }
        case OTHER -> {}
      }
    }
    return new First(hello, select(localIp, localPort, remoteIp, hello));
  }

  @Override
  public Decision select(int localPort, ClientHello hello) {
    return select("", localPort, "", hello);
  }

  /** As {@link #select(int, ClientHello)}, with the addresses, which filter chains may ask for. */
  public Decision select(String localIp, int localPort, String remoteIp, ClientHello hello) {
    MeshTables now = tables.get();
    if (now == null) {
      return Decision.close("no configuration has arrived yet");
    }
    if (hello.kind() == ClientHello.Kind.MALFORMED) {
      return Decision.close("the first bytes are neither TLS nor HTTP");
    }
    String sni = hello.sni() == null ? "" : hello.sni();
    if (hello.isTls()) {
      if (!http2 && hello.alpn().contains("h2") && !hello.alpn().contains("http/1.1")) {
        return Decision.close(
            "the caller speaks HTTP/2 only (ALPN "
                + hello.alpn()
                + "), and this server has none: declare port "
                + localPort
                + " as http, not http2 or grpc");
      }
      return chosen(
          now.inbound()
              .find(new ConnectionFacts(localIp, localPort, remoteIp, true, sni, hello.alpn())),
          localPort,
          "TLS");
    }
    // which HTTP version it is shows later; a chain for either lets the connection in
    InboundChain chain = plaintext(now, localIp, localPort, remoteIp, List.of("http/1.1"));
    if (chain == null && http2) {
      chain = plaintext(now, localIp, localPort, remoteIp, List.of("h2c"));
    }
    return chosen(chain, localPort, "plaintext");
  }

  private static @Nullable InboundChain plaintext(
      MeshTables now, String localIp, int localPort, String remoteIp, List<String> alpn) {
    return now.inbound().find(new ConnectionFacts(localIp, localPort, remoteIp, false, "", alpn));
  }

  private Decision chosen(@Nullable InboundChain chain, int port, String what) {
    if (chain == null) {
      return Decision.close("no filter chain takes " + what + " on port " + port);
    }
    if (chain.notYet() != null) {
      return Decision.close(chain.notYet().toString());
    }
    InboundChain.DownstreamTls tls = chain.tls();
    if (tls == null) {
      return Decision.plaintext(chain.name());
    }
    try {
      return Decision.terminate(contexts.current(spec(tls)), chain.name());
    } catch (IdentityUnavailableException e) {
      return Decision.close("no certificate to show: " + e.getMessage());
    }
  }

  private InboundTlsSpec spec(InboundChain.DownstreamTls tls) throws IdentityUnavailableException {
    InboundTlsSpec.Secrets given = null;
    List<TransportSocket.San> names = tls.sans();
    SecretRef trust = tls.trust();
    if (!tls.certificate().equals(SecretRef.OWN_CERTIFICATE)
        || (trust != null && !trust.equals(SecretRef.MESH_ROOTS))) {
      Secrets.Roots roots = trust == null ? Secrets.NOBODY : secrets.roots(trust);
      given = new InboundTlsSpec.Secrets(secrets.certificate(tls.certificate()), roots.believed());
      names = new ArrayList<>(names);
      names.addAll(roots.sans());
    }
    return new InboundTlsSpec(
        tls.requireClientCertificate(),
        Sans.matcher(names),
        http2 ? tls.alpn() : tls.alpn().stream().filter(name -> !name.equals("h2")).toList(),
        Sans.versions(tls.versions()),
        given);
  }

  /** What is known of a TLS connection whose handshake is complete. */
  public Connection connection(
      InboundTls tls,
      SSLSession session,
      ClientHello hello,
      String localIp,
      int localPort,
      String remoteIp,
      int remotePort) {
    PeerIdentity peer = tls.peer(session);
    return new Connection(
        localIp,
        localPort,
        remoteIp,
        remotePort,
        true,
        hello.sni() == null ? "" : hello.sni(),
        hello.alpn(),
        peer == null ? List.of() : peer.uriNames(),
        peer == null ? List.of() : peer.dnsNames(),
        peer == null ? "" : peer.subject(),
        peer == null ? null : peer.certificateSha256(),
        tls.spiffeId().uri(),
        peer == null ? 0 : peer.trustGeneration());
  }

  /**
   * False once the roots that verified the peer are gone: the connection must end at its next
   * request.
   */
  public boolean trusted(Connection connection) {
    return connection.trustGeneration() == 0
        || connection.trustGeneration() >= identity.oldestTrustGeneration();
  }
}
