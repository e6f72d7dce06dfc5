package io.inmesh.ledger.mutation;

import io.inmesh.ledger.mutation.FieldSwitch.Pattern;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs in a JVM of its own, the changed builders first on its class path. Reads lines {@code
 * pattern TAB tests}; for each it switches the pattern off, runs the tests, and writes {@code
 * pattern TAB} and one of {@code found}, {@code not found}, {@code not run: why}. The pattern
 * {@code nothing} switches nothing off.
 */
final class MutantsMain {
  static final String NOTHING = "nothing";

  private MutantsMain() {}

  public static void main(String[] arguments) throws IOException {
    Launcher launcher = LauncherFactory.create();
    PrintStream out = System.out;
    System.setOut(System.err); // what tests print
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      String[] parts = line.split("\t", -1);
      Pattern pattern = parts[0].equals(NOTHING) ? null : Pattern.of(parts[0]);
      String verdict = verdict(launcher, pattern, parts[1].split(" "));
      out.println(parts[0] + "\t" + verdict);
      out.flush();
    }
    System.exit(0); // whatever threads the failed tests have left
  }

  private static String verdict(Launcher launcher, @Nullable Pattern pattern, String[] tests) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String test : tests) {
      int hash = test.indexOf('#');
      try {
        Class<?> type = Class.forName(test.substring(0, hash));
        for (Method method : type.getDeclaredMethods()) {
          if (method.getName().equals(test.substring(hash + 1))) {
            selectors.add(DiscoverySelectors.selectMethod(type, method));
          }
        }
      } catch (ClassNotFoundException e) {
        // a test of another module
      }
    }
    if (selectors.isEmpty()) {
      return "not run: no test of this module";
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .configurationParameter(
                "junit.jupiter.execution.timeout.thread.mode.default", "SEPARATE_THREAD")
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    FieldSwitch.off(pattern);
    try {
      launcher.execute(request, listener);
    } finally {
      FieldSwitch.off(null);
    }
    TestExecutionSummary summary = listener.getSummary();
    if (summary.getTotalFailureCount() > 0) {
      return "found";
    }
    return summary.getTestsSucceededCount() > 0 ? "not found" : "not run: no test was run";
  }
}
