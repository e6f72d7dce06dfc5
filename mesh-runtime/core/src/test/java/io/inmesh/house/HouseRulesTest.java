package io.inmesh.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The rules that keep it a house: packages know only those below them, and few know what they must
 * not.
 */
class HouseRulesTest {
  private static JavaClasses house;

  @BeforeAll
  static void read() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("io/inmesh/proto/"))
            .importPackages("io.inmesh");
  }

  @Test
  void packagesDependDownwardsOnly() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("http")
        .definedBy("io.inmesh.http")
        .layer("match")
        .definedBy("io.inmesh.match")
        .layer("config")
        .definedBy("io.inmesh.config")
        .layer("filter")
        .definedBy("io.inmesh.filter")
        .layer("upstream")
        .definedBy("io.inmesh.upstream")
        .layer("call")
        .definedBy("io.inmesh.call")
        .layer("driver")
        .definedBy("io.inmesh.driver")
        .layer("xds")
        .definedBy("io.inmesh.xds")
        .layer("ledger")
        .definedBy("io.inmesh.ledger")
        .layer("identity")
        .definedBy("io.inmesh.identity")
        .layer("telemetry")
        .definedBy("io.inmesh.telemetry")
        .layer("runtime")
        .definedBy("io.inmesh.runtime")
        .whereLayer("runtime")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("driver")
        .mayOnlyBeAccessedByLayers("runtime")
        .whereLayer("telemetry")
        .mayOnlyBeAccessedByLayers("runtime")
        .whereLayer("call")
        .mayOnlyBeAccessedByLayers("driver", "telemetry", "runtime")
        .whereLayer("filter")
        .mayOnlyBeAccessedByLayers("call", "runtime")
        .whereLayer("upstream")
        .mayOnlyBeAccessedByLayers("call", "telemetry", "runtime")
        .whereLayer("config")
        .mayOnlyBeAccessedByLayers("filter", "upstream", "call", "telemetry", "runtime")
        .whereLayer("xds")
        .mayOnlyBeAccessedByLayers("runtime")
        .whereLayer("identity")
        .mayOnlyBeAccessedByLayers("runtime")
        .whereLayer("ledger")
        .mayOnlyBeAccessedByLayers("config", "runtime")
        .whereLayer("match")
        .mayOnlyBeAccessedByLayers(
            "config", "filter", "upstream", "call", "identity", "telemetry", "runtime")
        .check(house);
  }

  @Test
  void protosAreSeenOnlyWhereTheyAreRead() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.inmesh.config",
            "io.inmesh.ledger",
            "io.inmesh.xds",
            "io.inmesh.identity",
            "io.inmesh.runtime",
            "io.inmesh.proto..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.inmesh.proto..", "com.google.protobuf..")
        .check(house);
  }

  @Test
  void aCallTouchesNoSocketThreadOrClock() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.inmesh.call", "io.inmesh.filter", "io.inmesh.match", "io.inmesh.http")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.channels..", "javax.net..", "java.util.concurrent")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.net.Socket.class)
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .check(house);
  }

  @Test
  void theCoreKnowsNoUnshadedNettyAndNoHttpLibrary() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty..",
            "okhttp3..",
            "jakarta.servlet..",
            "org.apache.catalina..",
            "com.sun.net.httpserver..")
        .check(house);
  }

  @Test
  void theApiKnowsTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("io.inmesh")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.inmesh", "java..", "org.jspecify..")
        .check(house);
  }

  @Test
  void everyPackageSaysWhatItIsFor() {
    List<String> silent = new ArrayList<>();
    for (JavaPackage p : house.getDefaultPackage().getSubpackagesInTree()) {
      boolean ours =
          p.getName().matches("io\\.inmesh(\\.(?!proto).*)?") && !p.getClasses().isEmpty();
      if (ours && !p.isAnnotatedWith(NullMarked.class)) {
        silent.add(p.getName());
      }
    }
    assertThat(silent).as("packages without a @NullMarked package-info").isEmpty();
  }
}
