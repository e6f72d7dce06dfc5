package io.inmesh.examples.quickstart;

import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import okhttp3.Handshake;
import okhttp3.Response;

/**
 * What came back.
 *
 * @param answer the body, in fields
 * @param server the URI in the certificate that the server showed, read by this side
 */
record Review(int status, String body, Fields answer, String server) {
  private static final int URI_NAME = 6;

  /** The response had begun, so nobody may ask again: it was cut off in its body. */
  static final class CutOff extends IOException {
    private static final long serialVersionUID = 1L;

    CutOff(IOException cause) {
      super("cut off after its head had arrived: " + cause, cause);
    }
  }

  static Review read(Response response) throws IOException {
    String body;
    try {
      body = response.body().string().strip();
    } catch (IOException e) {
      throw new CutOff(e);
    }
    return new Review(response.code(), body, Fields.parse("review " + body), server(response));
  }

  boolean good() {
    return status == 200 && !answer.text("version").isEmpty();
  }

  /** Both sides have seen the other's certificate. */
  boolean identified() {
    return server.startsWith("spiffe://") && answer.text("caller").startsWith("spiffe://");
  }

  private static String server(Response response) throws IOException {
    Response network = response.networkResponse();
    Handshake handshake = network == null ? null : network.handshake();
    List<Certificate> chain = handshake == null ? List.of() : handshake.peerCertificates();
    if (chain.isEmpty() || !(chain.get(0) instanceof X509Certificate leaf)) {
      return "nobody";
    }
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      return (names == null ? List.<List<?>>of() : names)
          .stream()
              .filter(name -> name.get(0).equals(URI_NAME))
              .map(name -> String.valueOf(name.get(1)))
              .findFirst()
              .orElse("nobody");
    } catch (CertificateParsingException e) {
      throw new IOException("the server's certificate cannot be read", e);
    }
  }
}
