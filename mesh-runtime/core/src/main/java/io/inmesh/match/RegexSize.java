package io.inmesh.match;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How large an expression becomes when its counted repeats are written out, which is what RE2/J
 * does before it looks at the size: {@code ((a{500}){500}){500}} would take the whole heap.
 */
final class RegexSize {
  private RegexSize() {}

  /** At least the number of atoms after expansion; syntax errors are left to the compiler. */
  static double of(String expression) {
    Deque<double[]> outer = new ArrayDeque<>();
    double[] group = new double[2]; // size so far without the last atom, size of the last atom
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      switch (c) {
        case '(' -> {
          outer.push(group);
          group = new double[2];
        }
        case ')' -> {
          double size = group[0] + group[1] + 1;
          group = outer.isEmpty() ? new double[2] : outer.pop();
          atom(group, size);
        }
        case '[' -> {
          i = classEnd(expression, i);
          atom(group, 1);
        }
        case '{' -> {
          int close = expression.indexOf('}', i);
          int count = close < 0 ? -1 : count(expression.substring(i + 1, close));
          if (count < 0) {
            atom(group, 1);
          } else {
            group[1] *= Math.max(count, 1);
            i = close;
          }
        }
        case '\\' -> {
          i++;
          atom(group, 1);
        }
        default -> atom(group, 1);
      }
    }
    double size = group[0] + group[1];
    for (double[] open : outer) {
      size += open[0] + open[1];
    }
    return size;
  }

  private static void atom(double[] group, double size) {
    group[0] += group[1];
    group[1] = size;
  }

  private static int classEnd(String expression, int open) {
    int from = open + (expression.startsWith("[^", open) ? 2 : 1);
    for (int i = from; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == ']' && i > from) {
        return i;
      }
    }
    return expression.length();
  }

  /** The larger number of {@code n}, {@code n,} or {@code n,m}; -1 for anything else. */
  private static int count(String inside) {
    if (!inside.matches("[0-9]{1,5}(,[0-9]{0,5})?")) {
      return -1;
    }
    int comma = inside.indexOf(',');
    int first = Integer.parseInt(comma < 0 ? inside : inside.substring(0, comma));
    return comma < 0 || comma == inside.length() - 1
        ? first + (comma < 0 ? 0 : 1)
        : Math.max(first, Integer.parseInt(inside.substring(comma + 1)));
  }
}
