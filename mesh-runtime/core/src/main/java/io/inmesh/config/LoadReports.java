package io.inmesh.config;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inmesh.http.Headers;
import io.inmesh.proto.xds.data.orca.v3.OrcaLoadReport;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Reads ORCA load reports from headers or trailers, in every form that Envoy reads: {@code
 * endpoint-load-metrics-bin}, and {@code endpoint-load-metrics} that begins with {@code TEXT},
 * {@code JSON} or {@code BIN}. Thread-safe.
 */
public final class LoadReports {
  private static final String BINARY = "endpoint-load-metrics-bin";
  private static final String HEADER = "endpoint-load-metrics";
  private static final LoadSettings JSON = LoadSettings.builder().build();

  private LoadReports() {}

  /** Null: there is none, or it cannot be read. */
  public static @Nullable LoadReport read(Headers from) {
    String binary = from.first(BINARY);
    String text = binary == null ? from.first(HEADER) : null;
    try {
      if (binary != null) {
        return binary(binary);
      }
      if (text == null) {
        return null;
      }
      if (text.startsWith("TEXT ")) {
        return text(text.substring(5));
      }
      if (text.startsWith("JSON ")) {
        return json(text.substring(5));
      }
      return text.startsWith("BIN ") ? binary(text.substring(4)) : null;
    } catch (InvalidProtocolBufferException | RuntimeException unreadable) {
      return null; // a peer's mistake: its weight stays what it was
    }
  }

  private static LoadReport binary(String base64) throws InvalidProtocolBufferException {
    return of(OrcaLoadReport.parseFrom(Base64.getDecoder().decode(base64)));
  }

  /** The same, from where reports come by themselves. */
  public static LoadReport of(OrcaLoadReport proto) {
    Map<String, Double> all = new HashMap<>();
    proto.getUtilizationMap().forEach((name, value) -> all.put("utilization." + name, value));
    proto.getRequestCostMap().forEach((name, value) -> all.put("request_cost." + name, value));
    proto.getNamedMetricsMap().forEach((name, value) -> all.put("named_metrics." + name, value));
    all.put("application_utilization", proto.getApplicationUtilization());
    all.put("cpu_utilization", proto.getCpuUtilization());
    all.put("mem_utilization", proto.getMemUtilization());
    all.put("rps_fractional", proto.getRpsFractional());
    all.put("eps", proto.getEps());
    return of(all);
  }

  /** {@code cpu_utilization=0.3,named_metrics.queue=12}. */
  private static LoadReport text(String pairs) {
    Map<String, Double> all = new HashMap<>();
    for (String pair : pairs.split(",")) {
      int equals = pair.indexOf('=');
      all.put(pair.substring(0, equals).strip(), number(pair.substring(equals + 1).strip()));
    }
    return of(all);
  }

  private static LoadReport json(String text) {
    Map<String, Double> all = new HashMap<>();
    ((Map<?, ?>) new Load(JSON).loadFromString(text))
        .forEach(
            (key, value) -> {
              String name = snake(key.toString());
              if (value instanceof Map<?, ?> named) {
                named.forEach((of, number) -> all.put(name + "." + of, number(number.toString())));
              } else {
                all.put(name, number(value.toString()));
              }
            });
    return of(all);
  }

  /** JSON has a proto's fields in camel case, or as they are. */
  private static String snake(String name) {
    StringBuilder snake = new StringBuilder();
    for (char c : name.toCharArray()) {
      if (c >= 'A' && c <= 'Z') {
        snake.append('_').append((char) (c + 'a' - 'A'));
      } else {
        snake.append(c);
      }
    }
    return snake.toString();
  }

  private static double number(String text) {
    double number = Double.parseDouble(text);
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(text);
    }
    return number;
  }

  private static LoadReport of(Map<String, Double> all) {
    return new LoadReport(
        all.getOrDefault("application_utilization", 0.0),
        all.getOrDefault("cpu_utilization", 0.0),
        all.getOrDefault("rps_fractional", 0.0),
        all.getOrDefault("eps", 0.0),
        all);
  }
}
