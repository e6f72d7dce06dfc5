package io.inmesh.controlplane.config;

import io.inmesh.controlplane.config.TrafficPolicy.Tls;
import java.util.List;

/** Reads {@code tls} of a DestinationRule. */
final class ClientTlsReader {
  private ClientTlsReader() {}

  static Tls read(Fields fields) throws ConfigRefused {
    Value mode = fields.require("mode");
    fields.notImplemented("credentialName", "insecureSkipVerify", "caCrl");
    Tls.Mode read = mode.oneOf(Tls.Mode.class);
    boolean originates = read == Tls.Mode.SIMPLE || read == Tls.Mode.MUTUAL;
    String certificate = file(fields, "clientCertificate", read == Tls.Mode.MUTUAL, mode);
    String key = file(fields, "privateKey", read == Tls.Mode.MUTUAL, mode);
    String roots = file(fields, "caCertificates", originates, mode);
    if (read == Tls.Mode.MUTUAL && (certificate.isEmpty() || key.isEmpty())) {
      throw mode.refused("MUTUAL needs clientCertificate and privateKey");
    }
    String sni = fields.text("sni", "");
    Value sans = fields.get("subjectAltNames");
    if (read == Tls.Mode.DISABLE && (!sni.isEmpty() || sans != null)) {
      throw mode.refused("DISABLE contradicts sni and subjectAltNames");
    }
    fields.done();
    return new Tls(read, sni, sans == null ? List.of() : sans.texts(), certificate, key, roots);
  }

  private static String file(Fields fields, String name, boolean allowed, Value mode)
      throws ConfigRefused {
    Value value = fields.get(name);
    if (value == null) {
      return "";
    }
    if (!allowed) {
      throw value.refused("contradicts mode " + mode.text());
    }
    return value.nonEmpty();
  }
}
