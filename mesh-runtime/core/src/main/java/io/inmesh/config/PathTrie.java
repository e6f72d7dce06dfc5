package io.inmesh.config;

import io.inmesh.http.RequestHead;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Path prefixes of one virtual host and, at each, the numbers of the routes that end there: what a
 * lookup costs depends on the length of the path, not on the number of routes. A radix tree, since
 * it needs neither a hash nor a substring of the path. Immutable once built.
 */
final class PathTrie {
  /** How a route's path ends. */
  enum End {
    /** Anything may follow. */
    PREFIX,
    /** The end, or {@code /}. */
    SEPARATED,
    /** The end. */
    EXACT
  }

  private static final int[] NO_ROUTES = new int[0];
  private static final Node[] NO_CHILDREN = new Node[0];

  private final boolean ignoreCase;
  private final Node root = new Node("");
  private boolean empty = true;

  PathTrie(boolean ignoreCase) {
    this.ignoreCase = ignoreCase;
  }

  boolean isEmpty() {
    return empty;
  }

  /** Numbers must be added in ascending order. */
  void add(String path, End end, int number) {
    empty = false;
    Node node = root;
    int at = 0;
    while (at < path.length()) {
      int slot = node.slot(fold(path.charAt(at)));
      if (slot < 0) {
        Node leaf = new Node(fold(path.substring(at)));
        node.insert(-slot - 1, leaf);
        node = leaf;
        break;
      }
      Node child = node.children[slot];
      int common = common(path, at, path.length(), child.label);
      if (common < child.label.length()) {
        child = child.split(common);
        node.children[slot] = child;
      }
      at += common;
      node = child;
    }
    node.append(end, number);
  }

  /**
   * Has the index judge the routes whose path fits {@code path[0, length)}: at each place where it
   * can end those of ascending numbers. Everything is handed down, since each lookup would else
   * need an object to hold it.
   *
   * @return the best route then
   */
  int visit(String path, int length, RouteIndex index, RequestHead head, long random, int before) {
    Node node = root;
    int at = 0;
    int best = before;
    while (true) {
      boolean ends = at == length;
      if (node.prefix.length > 0) {
        best = index.better(node.prefix, head, random, best);
      }
      if (node.separated.length > 0 && (ends || path.charAt(at) == '/')) {
        best = index.better(node.separated, head, random, best);
      }
      if (ends) {
        if (node.exact.length > 0) {
          best = index.better(node.exact, head, random, best);
        }
        return best;
      }
      Node child = node.child(fold(path.charAt(at)));
      if (child == null || common(path, at, length, child.label) < child.label.length()) {
        return best;
      }
      at += child.label.length();
      node = child;
    }
  }

  private int common(String path, int from, int length, String label) {
    int most = Math.min(length - from, label.length());
    for (int i = 0; i < most; i++) {
      if (fold(path.charAt(from + i)) != label.charAt(i)) {
        return i;
      }
    }
    return most;
  }

  private char fold(char c) {
    return ignoreCase && c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
  }

  private String fold(String text) {
    StringBuilder folded = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      folded.setCharAt(i, fold(text.charAt(i)));
    }
    return folded.toString();
  }

  private static final class Node {
    private final String label;
    private Node[] children = NO_CHILDREN;
    private int[] prefix = NO_ROUTES;
    private int[] separated = NO_ROUTES;
    private int[] exact = NO_ROUTES;

    Node(String label) {
      this.label = label;
    }

    /** Where the child with that first letter is, or {@code -(place to insert) - 1}. */
    int slot(char first) {
      int low = 0;
      int high = children.length - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int difference = children[middle].label.charAt(0) - first;
        if (difference == 0) {
          return middle;
        } else if (difference < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -low - 1;
    }

    @Nullable Node child(char first) {
      int slot = slot(first);
      return slot < 0 ? null : children[slot];
    }

    void insert(int slot, Node child) {
      Node[] more = Arrays.copyOf(children, children.length + 1);
      System.arraycopy(children, slot, more, slot + 1, children.length - slot);
      more[slot] = child;
      children = more;
    }

    Node split(int at) {
      Node head = new Node(label.substring(0, at));
      Node tail = new Node(label.substring(at));
      tail.children = children;
      tail.prefix = prefix;
      tail.separated = separated;
      tail.exact = exact;
      head.children = new Node[] {tail};
      return head;
    }

    void append(End end, int number) {
      switch (end) {
        case PREFIX -> prefix = append(prefix, number);
        case SEPARATED -> separated = append(separated, number);
        case EXACT -> exact = append(exact, number);
      }
    }

    private static int[] append(int[] numbers, int number) {
      int[] more = Arrays.copyOf(numbers, numbers.length + 1);
      more[numbers.length] = number;
      return more;
    }
  }
}
