package io.inmesh.cli;

/**
 * Istio's names of clusters, {@code outbound|8080|v2|reviews.shop.svc.cluster.local}; any other
 * name is its own service.
 *
 * @param direction {@code outbound}, {@code inbound}, or {@code -}
 * @param port {@code -} where the name has none
 * @param subset {@code -} where the name has none
 */
public record ClusterName(String direction, String port, String subset, String service) {
  public static ClusterName of(String name) {
    String[] parts = name.split("\\|", -1);
    if (parts.length != 4) {
      return new ClusterName("-", "-", "-", name);
    }
    return new ClusterName(parts[0], or(parts[1]), or(parts[2]), or(parts[3]));
  }

  private static String or(String part) {
    return part.isEmpty() ? "-" : part;
  }

  /** {@code reviews.shop} of {@code reviews.shop.svc.cluster.local}. */
  public static String brief(String service) {
    int svc = service.indexOf(".svc.");
    return svc > 0 ? service.substring(0, svc) : service;
  }
}
