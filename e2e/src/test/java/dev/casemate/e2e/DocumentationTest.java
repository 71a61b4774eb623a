package dev.casemate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.casemate.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Documents that name things in the code name what is there. */
class DocumentationTest {

  private static final Path CHECKOUT =
      Path.of(System.getProperty("casemate.checkout", "..")).toAbsolutePath().normalize();

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyErrorHasAPageThatAgreesWithTheCode(ErrorCode code) throws IOException {
    Path page = CHECKOUT.resolve("docs/errors/" + code + ".md");

    assertThat(page).exists();
    assertThat(Files.readString(page))
        .startsWith("# " + code + "\n")
        .contains("| number | " + code.number() + " |")
        .contains("| owner | " + code.owner() + " (")
        .contains("| gRPC status | " + code.grpcStatus() + " ")
        .contains("## What to do");
    assertThat(Files.readString(CHECKOUT.resolve("docs/errors/README.md")))
        .contains("| [" + code + "](" + code + ".md) | " + code.number() + " |");
  }

  @Test
  void linksBetweenDocumentsLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          broken.add(CHECKOUT.relativize(document) + " -> " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    try (Stream<Path> top = Files.list(CHECKOUT);
        Stream<Path> docs = Files.walk(CHECKOUT.resolve("docs"))) {
      Stream.concat(top, docs).filter(f -> f.toString().endsWith(".md")).forEach(documents::add);
    }
    return documents;
  }
}
