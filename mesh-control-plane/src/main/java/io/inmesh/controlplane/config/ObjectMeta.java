package io.inmesh.controlplane.config;

/** Which object this is and where it was written. */
public record ObjectMeta(String kind, String namespace, String name, String file, int line) {

  String key() {
    return kind + " " + namespace + "/" + name;
  }

  /** As istiod names the origin of an Envoy resource, for example {@code virtual-service}. */
  public String configPath() {
    String kebab = kind.replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(java.util.Locale.ROOT);
    return "/apis/networking.istio.io/v1/namespaces/" + namespace + "/" + kebab + "/" + name;
  }
}
