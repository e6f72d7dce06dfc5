package io.inmesh.config;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks compiled objects and collects every {@link NotYet} in them. */
final class NotYetFinder {
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<NotYet> found;

  private NotYetFinder(List<NotYet> found) {
    this.found = found;
  }

  static void in(Object root, List<NotYet> found) {
    new NotYetFinder(found).walk(root);
  }

  private void walk(@Nullable Object o) {
    if (o == null || !seen.add(o)) {
      return;
    }
    if (o instanceof NotYet notYet) {
      found.add(notYet);
    } else if (o instanceof Map<?, ?> map) {
      map.values().forEach(this::walk);
    } else if (o instanceof Iterable<?> all) {
      all.forEach(this::walk);
    } else if (o.getClass().isArray()) {
      if (!o.getClass().getComponentType().isPrimitive()) {
        for (int i = 0; i < Array.getLength(o); i++) {
          walk(Array.get(o, i));
        }
      }
    } else if (o.getClass().getName().startsWith("io.inmesh.config.")
        && !o.getClass().isHidden()
        && !(o instanceof TablesListener)) {
      for (Field field : o.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          try {
            walk(field.get(o));
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
  }
}
