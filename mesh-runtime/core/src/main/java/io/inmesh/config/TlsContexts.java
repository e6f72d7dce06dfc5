package io.inmesh.config;

import io.inmesh.config.InboundChain.DownstreamTls;
import io.inmesh.config.TransportSocket.San;
import io.inmesh.config.TransportSocket.TlsVersions;
import io.inmesh.proto.envoy.config.core.v3.DataSource;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.inmesh.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code UpstreamTlsContext} and {@code DownstreamTlsContext}. Whatever would weaken the check of
 * the peer if it were left out is {@linkplain ConfigException#isNotYet not yet}, never skipped.
 */
final class TlsContexts {
  private TlsContexts() {}

  /** What both directions have. */
  private record Common(
      @Nullable SecretRef certificate, @Nullable SecretRef trust, boolean verify, List<San> sans) {}

  static TransportSocket.Tls upstream(UpstreamTlsContext proto) {
    if (proto.getAutoHostSni()) {
      throw ConfigException.notYet("auto_host_sni", "not implemented");
    }
    if (proto.getAutoSniSanValidation()) {
      throw ConfigException.notYet("auto_sni_san_validation", "not implemented");
    }
    CommonTlsContext common = proto.getCommonTlsContext();
    Common both = ConfigException.field("common_tls_context", common, TlsContexts::common);
    return new TransportSocket.Tls(
        proto.getSni(),
        List.copyOf(common.getAlpnProtocolsList()),
        both.certificate(),
        both.trust(),
        both.verify(),
        both.sans(),
        ConfigException.field(
            "common_tls_context.tls_params", common.getTlsParams(), TlsContexts::versions));
  }

  static DownstreamTls downstream(DownstreamTlsContext proto) {
    CommonTlsContext common = proto.getCommonTlsContext();
    Common both = ConfigException.field("common_tls_context", common, TlsContexts::common);
    if (both.certificate() == null) {
      throw new ConfigException("common_tls_context", "a server needs a certificate");
    }
    boolean require = proto.getRequireClientCertificate().getValue();
    if (require && !both.verify()) {
      throw ConfigException.notYet(
          "common_tls_context", "client certificates that nobody verifies are not accepted");
    }
    if (proto.getRequireSni().getValue()) {
      throw ConfigException.notYet("require_sni", "not implemented");
    }
    return new DownstreamTls(
        require,
        List.copyOf(common.getAlpnProtocolsList()),
        both.certificate(),
        both.trust(),
        both.sans(),
        ConfigException.field(
            "common_tls_context.tls_params", common.getTlsParams(), TlsContexts::versions));
  }

  private static Common common(CommonTlsContext proto) {
    SecretRef certificate = null;
    if (proto.getTlsCertificateSdsSecretConfigsCount() > 1) {
      throw ConfigException.notYet(
          "tls_certificate_sds_secret_configs", "one certificate is shown, not several");
    } else if (proto.getTlsCertificateSdsSecretConfigsCount() == 1) {
      certificate =
          ConfigException.field(
              "tls_certificate_sds_secret_configs[0]",
              proto.getTlsCertificateSdsSecretConfigs(0),
              SecretRefs::compile);
    } else if (proto.getTlsCertificatesCount() > 0) {
      throw ConfigException.notYet("tls_certificates", "only certificates from SDS are shown");
    } else if (proto.hasTlsCertificateProviderInstance()) {
      throw ConfigException.notYet("tls_certificate_provider_instance", "not implemented");
    }
    if (proto.hasCustomHandshaker()) {
      throw ConfigException.notYet("custom_handshaker", "not implemented");
    }
    if (proto.hasCustomTlsCertificateSelector()) {
      throw ConfigException.notYet("custom_tls_certificate_selector", "not implemented");
    }
    switch (proto.getValidationContextTypeCase()) {
      case VALIDATION_CONTEXT:
        return validation(certificate, "validation_context", proto.getValidationContext(), null);
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG:
        return new Common(
            certificate,
            ConfigException.field(
                "validation_context_sds_secret_config",
                proto.getValidationContextSdsSecretConfig(),
                SecretRefs::compile),
            true,
            List.of());
      case COMBINED_VALIDATION_CONTEXT:
        var combined = proto.getCombinedValidationContext();
        return validation(
            certificate,
            "combined_validation_context.default_validation_context",
            combined.getDefaultValidationContext(),
            ConfigException.field(
                "combined_validation_context.validation_context_sds_secret_config",
                combined.getValidationContextSdsSecretConfig(),
                SecretRefs::compile));
      case VALIDATIONCONTEXTTYPE_NOT_SET:
        return new Common(certificate, null, false, List.of());
      default:
        throw ConfigException.notYet("validation_context_type", "not implemented");
    }
  }

  private static Common validation(
      @Nullable SecretRef certificate,
      String field,
      CertificateValidationContext proto,
      @Nullable SecretRef secret) {
    try {
      refuseWhatIsMissing(proto, secret != null);
      List<San> sans = SanMatchers.compile(proto);
      boolean roots = secret != null || proto.hasSystemRootCerts();
      if (!roots && !sans.isEmpty()) {
        throw new ConfigException(
            "match_typed_subject_alt_names", "names are only checked of a certificate that is");
      }
      boolean verify = roots && proto.getTrustChainVerificationValue() == 0;
      return new Common(certificate, secret, verify, sans);
    } catch (ConfigException e) {
      throw e.in(field);
    }
  }

  static void refuseWhatIsMissing(CertificateValidationContext proto, boolean secret) {
    missing(
        proto.getTrustedCa().getSpecifierCase() != DataSource.SpecifierCase.SPECIFIER_NOT_SET
            && !secret,
        "trusted_ca",
        "roots come from SDS or the platform only");
    missing(proto.hasCrl(), "crl", "revocation lists are not checked");
    missing(proto.getVerifyCertificateHashCount() > 0, "verify_certificate_hash", "not checked");
    missing(proto.getVerifyCertificateSpkiCount() > 0, "verify_certificate_spki", "not checked");
    missing(proto.hasCustomValidatorConfig(), "custom_validator_config", "not implemented");
    missing(
        proto.hasCaCertificateProviderInstance(),
        "ca_certificate_provider_instance",
        "not implemented");
    missing(
        proto.getRequireSignedCertificateTimestamp().getValue(),
        "require_signed_certificate_timestamp",
        "not checked");
    missing(proto.hasMaxVerifyDepth(), "max_verify_depth", "not checked");
    missing(UnknownFields.in(proto), "(unknown field)", "is newer than this runtime");
  }

  private static void missing(boolean there, String field, String reason) {
    if (there) {
      throw ConfigException.notYet(field, reason);
    }
  }

  private static TlsVersions versions(TlsParameters proto) {
    String min = version(proto.getTlsMinimumProtocolVersion(), TlsVersions.DEFAULT.min());
    String max = version(proto.getTlsMaximumProtocolVersion(), TlsVersions.DEFAULT.max());
    if (min.compareTo(max) > 0) {
      throw new ConfigException(
          "tls_minimum_protocol_version", min + " is above the maximum, " + max);
    }
    return new TlsVersions(min, max);
  }

  private static String version(TlsProtocol protocol, String auto) {
    return switch (protocol) {
      case TLS_AUTO -> auto;
      case TLSv1_0 -> "TLSv1";
      case TLSv1_1 -> "TLSv1.1";
      case TLSv1_2 -> "TLSv1.2";
      case TLSv1_3 -> "TLSv1.3";
      case UNRECOGNIZED -> throw new ConfigException("tls_protocol", "unknown value");
    };
  }
}
