package io.inmesh.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.runtime.MeshAdapter;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** Reactor Netty and Spring are optional: without them the mesh passes by the adapters for them. */
class MissingLibrariesTest {
  @Test
  void withoutSpringTheServerIsStillMeshed() throws Exception {
    assertThat(usable("spring-")).containsExactly("reactor.netty.http.server.HttpServer");
  }

  @Test
  void withoutReactorNettyNothingIsAndNothingBreaks() throws Exception {
    assertThat(usable("reactor-", "netty-")).isEmpty();
    assertThat(usable("spring-", "reactor-", "netty-")).isEmpty();
  }

  @Test
  void withEverythingBothAre() throws Exception {
    assertThat(usable("nothing-is-called-so")).hasSize(2);
  }

  /** What the mesh would find on a class path without jars of such names, as it looks for it. */
  private static List<String> usable(String... missing) throws Exception {
    List<String> types = new ArrayList<>();
    try (URLClassLoader path = without(missing)) {
      Class<?> adapter = path.loadClass(MeshAdapter.class.getName());
      for (ServiceLoader.Provider<?> provider :
          ServiceLoader.load(adapter, path).stream().toList()) {
        try {
          Object found = provider.get();
          types.add(((Class<?>) adapter.getMethod("type").invoke(found)).getName());
        } catch (NoClassDefFoundError e) {
          // as the mesh does
        } catch (java.lang.reflect.InvocationTargetException e) {
          assertThat(e.getCause()).isInstanceOf(NoClassDefFoundError.class);
        }
      }
    }
    return types;
  }

  private static URLClassLoader without(String... names) throws MalformedURLException {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      File file = new File(entry);
      if (List.of(names).stream().noneMatch(file.getName()::startsWith)) {
        path.add(file.toURI().toURL());
      }
    }
    return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
