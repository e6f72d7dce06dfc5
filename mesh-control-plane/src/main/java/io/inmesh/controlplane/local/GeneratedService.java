package io.inmesh.controlplane.local;

import java.util.List;

/** What Kubernetes would call a Service: the workloads with a label, under a name. */
record GeneratedService(String namespace, String name) {
  private String host() {
    return name + "." + namespace + ".svc.cluster.local";
  }

  String file() {
    return "service-" + namespace + "-" + name + ".yaml";
  }

  /** Whether one of these texts describes it already. */
  boolean describedIn(List<String> yamls) {
    return yamls.stream()
        .anyMatch(
            yaml ->
                yaml.contains("ServiceEntry")
                    && (yaml.contains(host())
                        || yaml.contains("name: " + name + ",")
                        || yaml.contains("name: " + name + "\n")));
  }

  String yaml() {
    return """
        # made by inmesh.local; gone where your own YAML describes this service
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %s, namespace: %s}
        spec:
          hosts: [%s]
          location: MESH_INTERNAL
          resolution: STATIC
          ports:
          - {number: 80, name: http, protocol: HTTP}
          workloadSelector: {labels: {app: %s}}
        """
        .formatted(name, namespace, host(), name);
  }
}
