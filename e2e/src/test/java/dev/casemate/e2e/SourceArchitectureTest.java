package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What must hold of source text. Limits only go down: a file or method that is listed as too long
 * leaves its list when it is short enough, and nothing is added.
 */
class SourceArchitectureTest {

  /** One screenful times ten: a class beyond it does more than one thing. */
  private static final int FILE_LINES = 600;

  /** The 99th percentile of code that people like to read. */
  private static final int METHOD_LINES = 70;

  private static final Map<String, Integer> LONG_FILES = Map.of();

  private static final Map<String, Integer> LONG_METHODS = Map.of();

  private static final Path CHECKOUT =
      Path.of(System.getProperty("casemate.checkout", "..")).toAbsolutePath().normalize();

  @Test
  void filesAreShort() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path file : sources()) {
      String name = CHECKOUT.relativize(file).toString();
      long lines = Files.readAllLines(file).size();
      if (lines > LONG_FILES.getOrDefault(name, FILE_LINES)) {
        tooLong.add(name + " has " + lines + " lines");
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void methodsAreShort() throws IOException {
    List<String> tooLong = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  _ -> {},
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources()));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        String file = CHECKOUT.relativize(Path.of(unit.getSourceFile().toUri())).toString();
        LineMap lines = unit.getLineMap();
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitMethod(MethodTree method, Void unused) {
            long start = lines.getLineNumber(positions.getStartPosition(unit, method));
            long end = lines.getLineNumber(positions.getEndPosition(unit, method));
            String name = file + "#" + method.getName();
            if (end - start + 1 > LONG_METHODS.getOrDefault(name, METHOD_LINES)) {
              tooLong.add(name + " has " + (end - start + 1) + " lines");
            }
            return super.visitMethod(method, null);
          }
        }.scan(unit, null);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void everyNativeCallSaysWhyItIsSafe() throws IOException {
    List<String> silent = new ArrayList<>();
    for (Path file : sources()) {
      String text = Files.readString(file);
      boolean unsafe =
          text.contains(".reinterpret(")
              || text.contains(".downcallHandle(")
              || text.contains(".upcallStub(")
              || text.contains("Arena.global()")
              || text.contains("Arena.ofAuto()");
      if (unsafe && !text.contains("// SAFETY:")) {
        silent.add(CHECKOUT.relativize(file).toString());
      }
    }
    assertThat(silent).as("files that call native code without a SAFETY comment").isEmpty();
  }

  private static List<Path> sources() {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(CHECKOUT)) {
      for (Path module : modules.sorted().toList()) {
        Path root = module.resolve("src/main/java");
        if (Files.isDirectory(root)) {
          try (Stream<Path> files = Files.walk(root)) {
            files.filter(f -> f.toString().endsWith(".java")).sorted().forEach(sources::add);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }
}
