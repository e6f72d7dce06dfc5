package io.inmesh.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What CEL does to values; {@link Cel#ERROR} goes through everything. */
final class CelValues {
  private CelValues() {}

  static Object relation(String operator, Object left, Object right) {
    if (left == Cel.ERROR || right == Cel.ERROR) {
      return Cel.ERROR;
    }
    if (operator.equals("in")) {
      return in(left, right);
    }
    if (operator.equals("==") || operator.equals("!=")) {
      boolean equal =
          left instanceof Number a && right instanceof Number b
              ? a.doubleValue() == b.doubleValue()
              : left.equals(right);
      return equal == operator.equals("==");
    }
    Integer order = order(left, right);
    if (order == null) {
      return Cel.ERROR;
    }
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  private static Object in(Object left, Object right) {
    if (right instanceof List<?> list) {
      return list.contains(left);
    }
    return right instanceof Cel.Lookup map && left instanceof String key
        ? (Object) (map.get(key) != null)
        : Cel.ERROR;
  }

  private static @Nullable Integer order(Object left, Object right) {
    if (left instanceof Long a && right instanceof Long b) {
      return a.compareTo(b);
    }
    if (left instanceof Number a && right instanceof Number b) {
      return Double.compare(a.doubleValue(), b.doubleValue());
    }
    return left instanceof String a && right instanceof String b ? a.compareTo(b) : null;
  }

  static Object add(Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      return a + b;
    }
    if (left instanceof Long a && right instanceof Long b) {
      return a + b;
    }
    return left instanceof Number a && right instanceof Number b
        ? (Object) (a.doubleValue() + b.doubleValue())
        : Cel.ERROR;
  }

  static Object subtract(Object left, Object right) {
    if (left instanceof Long a && right instanceof Long b) {
      return a - b;
    }
    return left instanceof Number a && right instanceof Number b
        ? (Object) (a.doubleValue() - b.doubleValue())
        : Cel.ERROR;
  }

  static Object index(Object of, Object key) {
    Object found = null;
    if (of instanceof Cel.Lookup map && key instanceof String name) {
      found = map.get(name);
    } else if (of instanceof List<?> list && key instanceof Long n && n >= 0 && n < list.size()) {
      found = list.get(n.intValue());
    }
    return found == null ? Cel.ERROR : found;
  }

  static List<Object> all(List<Cel> cels, Cel.Attributes attributes) {
    List<Object> values = new ArrayList<>(cels.size());
    for (Cel cel : cels) {
      values.add(cel.value(attributes));
    }
    return values;
  }

  static Object list(List<Cel> elements, Cel.Attributes attributes) {
    List<Object> values = all(elements, attributes);
    return values.contains(Cel.ERROR) ? Cel.ERROR : values;
  }

  static void check(
      String function, int arguments, Function<String, IllegalArgumentException> wrong) {
    int wanted =
        switch (function) {
          case "size", "string", "int" -> 1;
          case "startsWith", "endsWith", "contains", "matches" -> 2;
          default -> throw wrong.apply("the function " + function + " is not known here");
        };
    if (arguments != wanted) {
      throw wrong.apply(function + " takes " + wanted + " arguments with its target");
    }
  }

  static Object call(String function, Object target, List<Object> arguments) {
    if (target == Cel.ERROR || arguments.contains(Cel.ERROR)) {
      return Cel.ERROR;
    }
    return switch (function) {
      case "size" -> size(target);
      case "string" -> target.toString();
      case "int" -> integer(target);
      default ->
          target instanceof String text && arguments.get(0) instanceof String other
              ? text(function, text, other)
              : Cel.ERROR;
    };
  }

  private static Object size(Object target) {
    return target instanceof String text
        ? (Object) (long) text.codePointCount(0, text.length())
        : target instanceof List<?> list ? (Object) (long) list.size() : Cel.ERROR;
  }

  private static Object integer(Object target) {
    try {
      return target instanceof Number number
          ? (Object) number.longValue()
          : Long.parseLong(target.toString());
    } catch (NumberFormatException e) {
      return Cel.ERROR;
    }
  }

  private static Object text(String function, String text, String other) {
    return switch (function) {
      case "startsWith" -> text.startsWith(other);
      case "endsWith" -> text.endsWith(other);
      case "contains" -> text.contains(other);
      default -> matches(text, other);
    };
  }

  private static Object matches(String text, String pattern) {
    try {
      return Pattern.compile(pattern).matcher(text).find();
    } catch (PatternSyntaxException e) {
      return Cel.ERROR;
    }
  }
}
