package io.inmesh.counts;

/**
 * Endpoints in a few words: {@code h0 h1! ; h2} is priority 0 with h0 and an unhealthy h1, priority
 * 1 with h2. {@code ~} degraded, {@code *3} weight of a host; {@code |} begins another locality of
 * the same priority, {@code @3} is its weight: {@code @3 h0 | @1 h1}.
 */
final class Members {
  private Members() {}

  /** {@code ClusterLoadAssignment.endpoints}. */
  static String json(String members, Hosts hosts) {
    StringBuilder json = new StringBuilder("[");
    String[] priorities = members.split(";");
    for (int priority = 0; priority < priorities.length; priority++) {
      String[] localities = priorities[priority].split("\\|");
      for (int zone = 0; zone < localities.length; zone++) {
        json.append(json.length() == 1 ? "" : ",");
        json.append("{\"priority\":").append(priority);
        json.append(",\"locality\":{\"zone\":\"z").append(zone).append("\"}");
        locality(localities[zone].strip().split("\\s+"), hosts, json);
      }
    }
    return json.append("]").toString();
  }

  private static void locality(String[] words, Hosts hosts, StringBuilder json) {
    StringBuilder endpoints = new StringBuilder();
    for (String word : words) {
      if (word.startsWith("@")) {
        json.append(",\"load_balancing_weight\":").append(word.substring(1));
      } else if (!word.isEmpty()) {
        endpoints.append(endpoints.isEmpty() ? "" : ",").append(host(word, hosts));
      }
    }
    json.append(",\"lb_endpoints\":[").append(endpoints).append("]}");
  }

  private static String host(String word, Hosts hosts) {
    String more = "";
    if (word.contains("*")) {
      more = ",\"load_balancing_weight\":" + word.substring(word.indexOf('*') + 1);
    } else if (word.endsWith("!")) {
      more = ",\"health_status\":\"UNHEALTHY\"";
    } else if (word.endsWith("~")) {
      more = ",\"health_status\":\"DEGRADED\"";
    }
    return "{\"endpoint\":{\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":%d}}}%s}"
        .formatted(hosts.port(word.substring(0, 2)), more);
  }
}
