package io.inmesh.tomcat;

import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Carries settings from one Tomcat object to a new one of the same kind: every simple property
 * whose value differs from the new one's.
 */
final class Beans {
  private static final Set<String> NOT_SETTINGS = Set.of("class", "domain", "state", "SSLEnabled");

  private Beans() {}

  static void copy(Object from, Object to, Class<?> as) {
    try {
      for (PropertyDescriptor property : Introspector.getBeanInfo(as).getPropertyDescriptors()) {
        Method read = property.getReadMethod();
        Method write = property.getWriteMethod();
        if (read != null
            && write != null
            && isSimple(read.getReturnType())
            && !NOT_SETTINGS.contains(property.getName())) {
          copy(from, to, read, write);
        }
      }
    } catch (IntrospectionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(Object from, Object to, Method read, Method write) {
    try {
      Object value = read.invoke(from);
      if (value != null && !Objects.equals(value, read.invoke(to))) {
        write.invoke(to, value);
      }
    } catch (ReflectiveOperationException e) {
      // a property that cannot be read or set before the start is no setting
    }
  }

  private static boolean isSimple(Class<?> type) {
    return type.isPrimitive()
        || type == String.class
        || Number.class.isAssignableFrom(type)
        || type == Boolean.class
        || type == InetAddress.class
        || type == Executor.class;
  }
}
