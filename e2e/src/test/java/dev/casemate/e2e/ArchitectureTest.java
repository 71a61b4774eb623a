package dev.casemate.e2e;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of ARCHITECTURE.md, checked on the class files of every module that is shipped. */
class ArchitectureTest {

  /** Which modules a module may use. What is not listed must not be. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "model", Set.of(),
          "linux", Set.of(),
          "protocol", Set.of("model"),
          "core", Set.of("model"),
          "hypervisor", Set.of("model", "core", "linux"),
          "host", Set.of("model", "core", "hypervisor", "protocol", "linux"),
          // Image layers hold FIFOs and extended attributes, which only system calls can make.
          "cli", Set.of("model", "core", "host", "linux"),
          "shim", Set.of("model", "core", "host", "protocol", "linux"),
          "agent", Set.of("model", "protocol", "linux"),
          "guest", Set.of("model"));

  private static final Path CHECKOUT = Path.of(System.getProperty("casemate.checkout", ".."));

  private static JavaClasses classes = new ClassFileImporter().importClasses();

  @BeforeAll
  static void readClassFiles() {
    List<Path> directories =
        ALLOWED.keySet().stream().map(m -> CHECKOUT.resolve(m).resolve("target/classes")).toList();
    classes = new ClassFileImporter().importPaths(directories);
    // A class file too new for the library would be skipped with a warning, and rules hold of
    // nothing.
    for (String module : ALLOWED.keySet()) {
      assertThat(classes.containPackage("dev.casemate." + module))
          .as("class files of %s were read", module)
          .isTrue();
    }
  }

  @Test
  void modulesUseOnlyWhatTheyMay() {
    ALLOWED.forEach((module, allowed) -> {
      Set<String> forbidden = new LinkedHashSet<>(ALLOWED.keySet());
      forbidden.addAll(Set.of("testkit", "e2e", "bench"));
      forbidden.remove(module);
      forbidden.removeAll(allowed);
      noClasses()
          .that(resideInAPackage(packagesOf(module)))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  forbidden.stream().map(ArchitectureTest::packagesOf).toArray(String[]::new)))
          .because(module + " may use only " + allowed)
          .allowEmptyShould(true)
          .check(classes);
    });
  }

  @Test
  void classesLieInTheirModulesPackage() throws Exception {
    List<String> strays = new ArrayList<>();
    for (String module : ALLOWED.keySet()) {
      Path root = CHECKOUT.resolve(module).resolve("src/main/java");
      Path home = root.resolve("dev/casemate").resolve(module);
      try (var files = Files.walk(root)) {
        files
            .filter(f -> f.toString().endsWith(".java"))
            .filter(f -> !f.startsWith(home) && !f.endsWith("module-info.java"))
            .forEach(f -> strays.add(f.toString()));
      }
    }
    assertThat(strays).as("sources outside dev.casemate.<module>").isEmpty();
  }

  @Test
  void packagesAreNamedAfterThingsInTheDomain() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..", "..manager..")
        .check(classes);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.casemate.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void theCoreDoesNoInputOrOutput() {
    noClasses()
        .that(resideInAPackage(packagesOf("core")))
        .should()
        .dependOnClassesThat(doInputOrOutput())
        .orShould()
        .callMethod(Path.class, "toRealPath", java.nio.file.LinkOption[].class)
        .because("core knows ports, adapters in hypervisor and host do I/O")
        .check(classes);
  }

  @Test
  void onlyLinuxSeesNativeMemoryAndFunctions() {
    noClasses()
        .that(
            DescribedPredicate.not(resideInAPackage(packagesOf("linux")))
                .as("are outside of linux"))
        .should()
        .dependOnClassesThat(resideInAPackage("java.lang.foreign.."))
        .check(classes);
  }

  @Test
  void nothingIsFoundByReflection() {
    noClasses()
        .that(
            DescribedPredicate.not(simpleName("MonitorRehearsal").or(simpleName("Rehearsal")))
                .as("are no rehearsal, which names classes for the AOT cache only"))
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(java.util.ServiceLoader.class, java.lang.reflect.Proxy.class)
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .orShould()
        .callMethod(Class.class, "forName", String.class, boolean.class, ClassLoader.class)
        .orShould()
        .callMethod(java.lang.reflect.Method.class, "invoke", Object.class, Object[].class)
        .orShould()
        .callMethod(java.lang.reflect.Constructor.class, "newInstance", Object[].class)
        .because("wiring must be readable, and AOT must see it")
        .check(classes);
  }

  @Test
  void onlyProgramsForPeopleWriteToStandardOutput() {
    noClasses()
        .that(
            DescribedPredicate.not(resideInAnyPackage(packagesOf("cli"), packagesOf("guest")))
                .as("are outside of cli and the guest's builder"))
        .should()
        .accessField(System.class, "out")
        .check(classes);
  }

  private static String packagesOf(String module) {
    return "dev.casemate." + module + "..";
  }

  /**
   * Files, sockets and processes; but not a path as a value, nor streams, which a port may hand
   * over.
   */
  private static DescribedPredicate<JavaClass> doInputOrOutput() {
    return resideInAnyPackage(
            "java.nio.file..", "java.nio.channels..", "java.net..", "java.lang.foreign..")
        .and(
            DescribedPredicate.describe(
                "are not Path", c -> !c.isEquivalentTo(java.nio.file.Path.class)))
        .or(
            DescribedPredicate.describe(
                "are files or processes",
                c ->
                    c.getName().startsWith("java.io.File")
                        || c.getName().equals("java.io.RandomAccessFile")
                        || c.isEquivalentTo(Process.class)
                        || c.isEquivalentTo(ProcessBuilder.class)
                        || c.isEquivalentTo(Runtime.class)));
  }
}
