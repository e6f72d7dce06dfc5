package io.inmesh.telemetry;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** {@code START_TIME} in the formats of {@code strftime} that Envoy understands. */
final class LogTimes {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private LogTimes() {}

  static String iso(Instant time) {
    return ISO.format(time);
  }

  static String format(Instant time, String format, boolean local) {
    if (format.isEmpty()) {
      return iso(time);
    }
    ZonedDateTime at = time.atZone(local ? ZoneId.systemDefault() : ZoneOffset.UTC);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char next = format.charAt(++i);
      if (next == 'E' && i + 2 < format.length() && format.charAt(i + 2) == 'S') {
        text.append(pattern(at, "ss")).append('.').append(fraction(at, format.charAt(i + 1) - '0'));
        i += 2;
      } else if (Character.isDigit(next)
          && i + 1 < format.length()
          && format.charAt(i + 1) == 'f') {
        text.append(fraction(at, next - '0'));
        i++;
      } else {
        text.append(one(at, next));
      }
    }
    return text.toString();
  }

  private static String one(ZonedDateTime at, char directive) {
    return switch (directive) {
      case 'Y' -> pattern(at, "yyyy");
      case 'y' -> pattern(at, "yy");
      case 'm' -> pattern(at, "MM");
      case 'd' -> pattern(at, "dd");
      case 'H' -> pattern(at, "HH");
      case 'I' -> pattern(at, "hh");
      case 'M' -> pattern(at, "mm");
      case 'S' -> pattern(at, "ss");
      case 'f' -> fraction(at, 9);
      case 's' -> Long.toString(at.toEpochSecond());
      case 'b', 'h' -> pattern(at, "MMM");
      case 'B' -> pattern(at, "MMMM");
      case 'a' -> pattern(at, "EEE");
      case 'A' -> pattern(at, "EEEE");
      case 'p' -> pattern(at, "a");
      case 'j' -> pattern(at, "DDD");
      case 'F' -> pattern(at, "yyyy-MM-dd");
      case 'T' -> pattern(at, "HH:mm:ss");
      case 'D' -> pattern(at, "MM/dd/yy");
      case 'R' -> pattern(at, "HH:mm");
      case 'z' -> pattern(at, "xx");
      case 'Z' -> pattern(at, "zzz");
      case '%' -> "%";
      default -> "%" + directive;
    };
  }

  private static String pattern(ZonedDateTime at, String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(at);
  }

  private static String fraction(ZonedDateTime at, int digits) {
    String nanos = String.format("%09d", at.getNano());
    return nanos.substring(0, Math.max(0, Math.min(9, digits)));
  }
}
