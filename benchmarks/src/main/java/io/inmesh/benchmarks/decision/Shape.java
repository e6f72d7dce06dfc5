package io.inmesh.benchmarks.decision;

import io.inmesh.benchmarks.Protos;
import io.inmesh.config.ConfigStore;
import io.inmesh.proto.envoy.config.cluster.v3.Cluster;
import io.inmesh.proto.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.inmesh.proto.envoy.config.route.v3.RouteConfiguration;
import io.inmesh.proto.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.List;

/** What there are many of. The request always goes to the last one. */
public enum Shape {
  /** Services: each a virtual host with one route, and a cluster with three endpoints. */
  VIRTUAL_HOSTS {
    @Override
    void fill(Mesh mesh, int size) {
      for (int i = 0; i < size; i++) {
        String host = service(i);
        mesh.cluster(host, 3);
        mesh.hosts.add(
            Protos.virtualHost(host, PORT).addRoutes(Protos.route("default", "/", host)).build());
      }
    }

    @Override
    String authority(int size) {
      return service(size - 1) + ":" + PORT;
    }
  },
  /** Routes of one virtual host, by path prefix. */
  ROUTES {
    @Override
    void fill(Mesh mesh, int size) {
      mesh.cluster(service(0), 3);
      VirtualHost.Builder host = Protos.virtualHost(service(0), PORT);
      for (int i = 0; i < size; i++) {
        host.addRoutes(Protos.route("r" + i, prefix(i), service(0)));
      }
      mesh.hosts.add(host.build());
    }

    @Override
    String path(int size) {
      return prefix(size - 1) + "item";
    }
  },
  /** Endpoints of one cluster. */
  ENDPOINTS {
    @Override
    void fill(Mesh mesh, int size) {
      mesh.cluster(service(0), size);
      mesh.hosts.add(
          Protos.virtualHost(service(0), PORT)
              .addRoutes(Protos.route("default", "/", service(0)))
              .build());
    }
  };

  static final int PORT = 8080;

  abstract void fill(Mesh mesh, int size);

  String authority(int size) {
    return service(0) + ":" + PORT;
  }

  String path(int size) {
    return "/catalog/items/42";
  }

  private static String service(int number) {
    return "service-" + number + ".bench.svc.cluster.local";
  }

  private static String prefix(int number) {
    return "/api/v" + number % 10 + "/resource-" + number + "/";
  }

  BenchMesh build(int size) {
    Mesh mesh = new Mesh();
    fill(mesh, size);
    BenchMesh bench = new BenchMesh();
    String routes = Integer.toString(PORT);
    bench.apply(ConfigStore.CLUSTER, mesh.clusters, mesh.names);
    bench.apply(ConfigStore.ENDPOINTS, mesh.endpoints, mesh.names);
    bench.apply(
        ConfigStore.LISTENER, List.of(Protos.outbound(PORT, routes)), List.of("0.0.0.0_" + PORT));
    bench.apply(
        ConfigStore.ROUTES,
        List.of(
            RouteConfiguration.newBuilder().setName(routes).addAllVirtualHosts(mesh.hosts).build()),
        List.of(routes));
    return bench;
  }

  /** Its resources so far. */
  static final class Mesh {
    private final List<String> names = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();
    private final List<ClusterLoadAssignment> endpoints = new ArrayList<>();
    private final List<VirtualHost> hosts = new ArrayList<>();

    void cluster(String name, int hosts) {
      names.add(name);
      clusters.add(Protos.cluster(name));
      endpoints.add(Protos.endpoints(name, hosts));
    }
  }
}
