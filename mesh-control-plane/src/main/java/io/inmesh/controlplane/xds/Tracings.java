package io.inmesh.controlplane.xds;

import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing;
import io.envoyproxy.envoy.type.metadata.v3.MetadataKey;
import io.envoyproxy.envoy.type.metadata.v3.MetadataKind;
import io.envoyproxy.envoy.type.tracing.v3.CustomTag;
import io.envoyproxy.envoy.type.v3.Percent;
import io.inmesh.controlplane.registry.Registration;
import java.util.Map;

/**
 * The tracing that istiod asks for without a tracer. No span comes of it; but it is what makes an
 * Envoy send and answer {@code x-envoy-decorator-operation}.
 */
final class Tracings {
  private static final String DRY_RUN = "istio.authorization.dry_run.";

  private Tracings() {}

  static Tracing of(Scope scope) {
    Registration node = scope.node();
    Map<String, String> labels = node.labels();
    return Tracing.newBuilder()
        .setClientSampling(percent(100))
        .setRandomSampling(percent(1))
        .setOverallSampling(percent(100))
        .addCustomTags(dryRun("allow", "policy.name", "policy_id"))
        .addCustomTags(dryRun("allow", "policy.result", "engine_result"))
        .addCustomTags(dryRun("deny", "policy.name", "policy_id"))
        .addCustomTags(dryRun("deny", "policy.result", "engine_result"))
        .addCustomTags(
            tag(
                "istio.canonical_revision",
                labels.getOrDefault("service.istio.io/canonical-revision", "latest")))
        .addCustomTags(
            tag(
                "istio.canonical_service",
                labels.getOrDefault("service.istio.io/canonical-name", "unknown")))
        .addCustomTags(tag("istio.cluster_id", "Kubernetes"))
        .addCustomTags(tag("istio.mesh_id", scope.mesh().trustDomain()))
        .addCustomTags(tag("istio.namespace", node.namespace()))
        .build();
  }

  private static Percent percent(double value) {
    return Percent.newBuilder().setValue(value).build();
  }

  private static CustomTag tag(String name, String value) {
    return CustomTag.newBuilder()
        .setTag(name)
        .setLiteral(CustomTag.Literal.newBuilder().setValue(value))
        .build();
  }

  private static CustomTag dryRun(String action, String what, String key) {
    String path =
        "istio_dry_run_"
            + action
            + "_shadow_"
            + (key.equals("policy_id") ? "effective_" + key : key);
    return CustomTag.newBuilder()
        .setTag(DRY_RUN + action + "_" + what)
        .setMetadata(
            CustomTag.Metadata.newBuilder()
                .setKind(
                    MetadataKind.newBuilder().setRequest(MetadataKind.Request.getDefaultInstance()))
                .setMetadataKey(
                    MetadataKey.newBuilder()
                        .setKey("envoy.filters.http.rbac")
                        .addPath(MetadataKey.PathSegment.newBuilder().setKey(path))))
        .build();
  }
}
