package io.inmesh.config;

import com.google.protobuf.ByteString;
import io.inmesh.config.CompiledSecret.Source;
import io.inmesh.proto.envoy.config.core.v3.DataSource;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import java.util.Locale;

/** {@code Secret}. Its errors name fields and never quote what is in them. */
public final class SecretCompiler {
  private SecretCompiler() {}

  /**
   * @param name as on the wire
   * @throws ConfigException what is wrong, or not known here: the secret is refused
   */
  public static CompiledSecret compile(String name, ByteString message) {
    Secret proto = TypedConfig.parse(Secret.parser(), message);
    if (!proto.getName().isEmpty() && !proto.getName().equals(name)) {
      throw new ConfigException(
          "name", "is '" + proto.getName() + "' in the message, '" + name + "' outside");
    }
    return switch (proto.getTypeCase()) {
      case TLS_CERTIFICATE ->
          ConfigException.field(
              "tls_certificate", proto.getTlsCertificate(), SecretCompiler::certificate);
      case VALIDATION_CONTEXT ->
          ConfigException.field(
              "validation_context", proto.getValidationContext(), SecretCompiler::validation);
      case SESSION_TICKET_KEYS, GENERIC_SECRET ->
          throw ConfigException.notYet(
              proto.getTypeCase().name().toLowerCase(Locale.ROOT), "has no use here");
      case TYPE_NOT_SET -> throw new ConfigException("type", "is required");
    };
  }

  private static CompiledSecret certificate(TlsCertificate proto) {
    if (proto.hasPkcs12() || proto.hasPrivateKeyProvider() || proto.hasPassword()) {
      throw ConfigException.notYet(
          proto.hasPkcs12() ? "pkcs12" : proto.hasPassword() ? "password" : "private_key_provider",
          "only keys in PEM without a password are read");
    }
    return new CompiledSecret.Certificate(
        ConfigException.field("certificate_chain", proto.getCertificateChain(), SecretCompiler::of),
        ConfigException.field("private_key", proto.getPrivateKey(), SecretCompiler::of));
  }

  private static CompiledSecret validation(CertificateValidationContext proto) {
    TlsContexts.refuseWhatIsMissing(proto, true);
    if (proto.getTrustChainVerificationValue() != 0) {
      throw ConfigException.notYet(
          "trust_chain_verification", "a secret cannot turn the check of the peer off");
    }
    return new CompiledSecret.Validation(
        ConfigException.field("trusted_ca", proto.getTrustedCa(), SecretCompiler::of),
        SanMatchers.compile(proto));
  }

  private static Source of(DataSource proto) {
    return switch (proto.getSpecifierCase()) {
      case INLINE_BYTES -> new Source("", "", proto.getInlineBytes());
      case INLINE_STRING -> new Source("", "", proto.getInlineStringBytes());
      case FILENAME -> new Source(proto.getFilename(), "", ByteString.EMPTY);
      case ENVIRONMENT_VARIABLE -> new Source("", proto.getEnvironmentVariable(), ByteString.EMPTY);
      case SPECIFIER_NOT_SET -> throw new ConfigException("", "is required");
    };
  }
}
