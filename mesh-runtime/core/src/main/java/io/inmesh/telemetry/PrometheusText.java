package io.inmesh.telemetry;

import java.util.List;
import java.util.Locale;

/** Prometheus's text format, version 0.0.4. */
public final class PrometheusText {
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private PrometheusText() {}

  public static String of(List<MetricFamily> families) {
    StringBuilder text = new StringBuilder(64 * 1024);
    for (MetricFamily family : families) {
      if (!family.help().isEmpty()) {
        text.append("# HELP ").append(family.name()).append(' ').append(family.help()).append('\n');
      }
      text.append("# TYPE ")
          .append(family.name())
          .append(' ')
          .append(family.type().name().toLowerCase(Locale.ROOT))
          .append('\n');
      for (MetricFamily.Point point : family.points()) {
        if (family.type() == MetricFamily.Type.HISTOGRAM) {
          histogram(text, family.name(), point);
        } else {
          line(text, family.name(), point.labels(), "");
          number(text, point.value());
        }
      }
    }
    return text.toString();
  }

  private static void histogram(StringBuilder text, String name, MetricFamily.Point point) {
    long count = 0;
    for (int i = 0; i < point.buckets().size(); i++) {
      count += point.buckets().get(i);
      String bound = i < Histogram.BOUNDS.length ? plain(Histogram.BOUNDS[i]) : "+Inf";
      line(text, name + "_bucket", point.labels(), bound);
      number(text, count);
    }
    line(text, name + "_sum", point.labels(), "");
    number(text, point.value());
    line(text, name + "_count", point.labels(), "");
    number(text, count);
  }

  /**
   * @param bound value of {@code le}; empty: no such label
   */
  private static void line(StringBuilder text, String name, Labels labels, String bound) {
    text.append(name);
    boolean any = labels.size() > 0 || !bound.isEmpty();
    if (any) {
      text.append('{');
      for (int i = 0; i < labels.size(); i++) {
        text.append(i == 0 ? "" : ",").append(labels.name(i)).append("=\"");
        escaped(text, labels.value(i));
        text.append('"');
      }
      if (!bound.isEmpty()) {
        text.append(labels.size() == 0 ? "" : ",").append("le=\"").append(bound).append('"');
      }
      text.append('}');
    }
    text.append(' ');
  }

  private static void escaped(StringBuilder text, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
  }

  private static void number(StringBuilder text, double value) {
    text.append(plain(value)).append('\n');
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
