package io.inmesh.conformance;

import io.inmesh.identity.TestPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;

/** Certificates of servers under test, and what is said of them. */
final class Certificates {
  private Certificates() {}

  /** TLS that asks every client for a certificate and trusts what that leaf trusts. */
  static SSLServerSocketFactory server(TestPki.Leaf leaf) {
    try {
      char[] password = new char[0];
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, password);
      own.setKeyEntry("own", leaf.key(), password, leaf.chain().toArray(new X509Certificate[0]));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, password);
      KeyStore roots = KeyStore.getInstance("PKCS12");
      roots.load(null, password);
      for (X509Certificate root : leaf.roots()) {
        roots.setCertificateEntry(sha256(root), root);
      }
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(roots);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return new Asking(context.getServerSocketFactory());
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The first URI name of the peer's certificate; empty when it showed none. */
  static String peer(SSLSession session) {
    try {
      X509Certificate leaf = (X509Certificate) session.getPeerCertificates()[0];
      return leaf.getSubjectAlternativeNames().iterator().next().get(1).toString();
    } catch (SSLPeerUnverifiedException e) {
      return "";
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Server sockets that require a certificate. */
  private static final class Asking extends SSLServerSocketFactory {
    private final SSLServerSocketFactory sockets;

    Asking(SSLServerSocketFactory sockets) {
      this.sockets = sockets;
    }

    private static ServerSocket asking(ServerSocket socket) {
      ((SSLServerSocket) socket).setNeedClientAuth(true);
      return socket;
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return asking(sockets.createServerSocket(port));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
      return asking(sockets.createServerSocket(port, backlog));
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
        throws IOException {
      return asking(sockets.createServerSocket(port, backlog, address));
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return sockets.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return sockets.getSupportedCipherSuites();
    }
  }

  static String sha256(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
