package io.inmesh.match;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** By descent, one method for each level of precedence. */
final class CelParser {
  private final String text;
  private int at;

  CelParser(String text) {
    this.text = text;
  }

  Cel parse() {
    Cel cel = ternary();
    space();
    if (at < text.length()) {
      throw wrong("unexpected '" + text.charAt(at) + "'");
    }
    return cel;
  }

  private Cel ternary() {
    Cel condition = or();
    if (!take("?")) {
      return condition;
    }
    Cel yes = ternary();
    expect(":");
    Cel no = ternary();
    return attributes -> {
      Object value = condition.value(attributes);
      return value instanceof Boolean b ? (b ? yes : no).value(attributes) : Cel.ERROR;
    };
  }

  private Cel or() {
    Cel left = and();
    while (take("||")) {
      left = either(left, and(), true);
    }
    return left;
  }

  private Cel and() {
    Cel left = relation();
    while (take("&&")) {
      left = either(left, relation(), false);
    }
    return left;
  }

  /** An error on one side does not matter where the other decides. */
  private static Cel either(Cel left, Cel right, boolean decisive) {
    return attributes -> {
      Object one = left.value(attributes);
      if (one.equals(decisive)) {
        return one;
      }
      Object other = right.value(attributes);
      if (other.equals(decisive)) {
        return other;
      }
      return one instanceof Boolean && other instanceof Boolean ? other : Cel.ERROR;
    };
  }

  private Cel relation() {
    Cel left = sum();
    while (true) {
      String operator = operator();
      if (operator == null) {
        return left;
      }
      Cel one = left;
      Cel other = sum();
      left =
          attributes ->
              CelValues.relation(operator, one.value(attributes), other.value(attributes));
    }
  }

  private @Nullable String operator() {
    for (String operator : new String[] {"==", "!=", "<=", ">=", "<", ">"}) {
      if (take(operator)) {
        return operator;
      }
    }
    space();
    boolean in =
        text.startsWith("in", at)
            && at + 2 < text.length()
            && !Character.isJavaIdentifierPart(text.charAt(at + 2));
    if (in) {
      at += 2;
      return "in";
    }
    return null;
  }

  private Cel sum() {
    Cel left = unary();
    while (true) {
      Cel one = left;
      if (take("+")) {
        Cel other = unary();
        left = attributes -> CelValues.add(one.value(attributes), other.value(attributes));
      } else if (take("-")) {
        Cel other = unary();
        left = attributes -> CelValues.subtract(one.value(attributes), other.value(attributes));
      } else {
        return left;
      }
    }
  }

  private Cel unary() {
    space();
    if (at < text.length() && text.charAt(at) == '!' && !text.startsWith("!=", at)) {
      at++;
      Cel inner = unary();
      return attributes -> inner.value(attributes) instanceof Boolean b ? (Object) !b : Cel.ERROR;
    }
    if (take("-")) {
      Cel inner = unary();
      return attributes -> CelValues.subtract(0L, inner.value(attributes));
    }
    return member(primary());
  }

  private Cel member(Cel first) {
    Cel value = first;
    while (true) {
      Cel of = value;
      if (take("[")) {
        Cel key = ternary();
        expect("]");
        value = attributes -> CelValues.index(of.value(attributes), key.value(attributes));
      } else if (take(".")) {
        String name = identifier();
        if (!take("(")) {
          value = attributes -> CelValues.index(of.value(attributes), name);
          continue;
        }
        List<Cel> arguments = arguments(")");
        CelValues.check(name, arguments.size() + 1, this::wrong);
        value =
            attributes ->
                CelValues.call(name, of.value(attributes), CelValues.all(arguments, attributes));
      } else {
        return value;
      }
    }
  }

  private Cel primary() {
    space();
    if (at >= text.length()) {
      throw wrong("the expression ends too early");
    }
    char c = text.charAt(at);
    if (take("(")) {
      Cel inner = ternary();
      expect(")");
      return inner;
    }
    if (take("[")) {
      List<Cel> elements = arguments("]");
      return attributes -> CelValues.list(elements, attributes);
    }
    if (c == '\'' || c == '"') {
      Object string = string(c);
      return attributes -> string;
    }
    if (Character.isDigit(c)) {
      Object number = number();
      return attributes -> number;
    }
    return named(identifier());
  }

  private Cel named(String first) {
    if (first.equals("true") || first.equals("false")) {
      Object constant = first.equals("true");
      return attributes -> constant;
    }
    if (take("(")) {
      List<Cel> arguments = arguments(")");
      if (first.equals("has") && arguments.size() == 1) {
        Cel asked = arguments.get(0);
        return attributes -> asked.value(attributes) != Cel.ERROR;
      }
      CelValues.check(first, arguments.size(), this::wrong);
      return attributes -> {
        List<Object> values = CelValues.all(arguments, attributes);
        return CelValues.call(first, values.get(0), values.subList(1, values.size()));
      };
    }
    StringBuilder path = new StringBuilder(first);
    while (true) {
      int before = at;
      if (!take(".")) {
        break;
      }
      String next = identifier();
      space();
      if (at < text.length() && text.charAt(at) == '(') {
        at = before; // a method of the value
        break;
      }
      path.append('.').append(next);
    }
    String attribute = path.toString();
    return attributes -> {
      Object value = attributes.attribute(attribute);
      return value == null ? Cel.ERROR : value;
    };
  }

  private List<Cel> arguments(String end) {
    List<Cel> arguments = new ArrayList<>();
    if (take(end)) {
      return arguments;
    }
    do {
      arguments.add(ternary());
    } while (take(","));
    expect(end);
    return List.copyOf(arguments);
  }

  private String identifier() {
    space();
    int from = at;
    while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
      at++;
    }
    if (from == at) {
      throw wrong(
          at < text.length() ? "unexpected '" + text.charAt(at) + "'" : "a name is missing");
    }
    return text.substring(from, at);
  }

  private Object number() {
    int from = at;
    while (at < text.length()
        && (Character.isDigit(text.charAt(at))
            || text.charAt(at) == '.'
                && at + 1 < text.length()
                && Character.isDigit(text.charAt(at + 1)))) {
      at++;
    }
    String digits = text.substring(from, at);
    if (at < text.length() && text.charAt(at) == 'u') {
      at++;
    }
    try {
      return digits.indexOf('.') < 0 ? (Object) Long.valueOf(digits) : Double.valueOf(digits);
    } catch (NumberFormatException e) {
      throw wrong("not a number: " + digits);
    }
  }

  private String string(char quote) {
    StringBuilder string = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == quote) {
        at++;
        return string.toString();
      }
      if (c == '\\' && at + 1 < text.length()) {
        c = text.charAt(++at);
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      }
      string.append(c);
    }
    throw wrong("a string does not end");
  }

  private boolean take(String token) {
    space();
    if (text.startsWith(token, at)) {
      at += token.length();
      return true;
    }
    return false;
  }

  private void expect(String token) {
    if (!take(token)) {
      throw wrong("'" + token + "' is missing");
    }
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(
        what + " at " + Math.min(at, text.length()) + " of the expression: " + text);
  }
}
