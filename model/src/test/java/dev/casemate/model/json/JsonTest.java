package dev.casemate.model.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.casemate.model.CasemateException;
import dev.casemate.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static JsonValue parse(String text) {
    return Json.parse(text, "test.json", JsonLimits.SMALL);
  }

  @Test
  void keepsTheOrderOfMembers() {
    assertThat(parse("{\"z\":1,\"a\":[true,false,null],\"m\":{}}").toJson())
        .isEqualTo("{\"z\":1,\"a\":[true,false,null],\"m\":{}}");
  }

  @Test
  void readsEveryEscape() {
    assertThat(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD834\\uDD1E\""))
        .isEqualTo(new JsonString("\"\\/\b\f\n\r\tä𝄞"));
  }

  @Test
  void readsUtf8BeyondAscii() {
    assertThat(parse("\"plain then äö€𝄞 and \\u0041\""))
        .isEqualTo(new JsonString("plain then äö€𝄞 and A"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-0", "12", "-7", "1.5", "1e9", "1E-3", "18446744073709551615", "0.10e+2"})
  void keepsNumbersAsTheyWereWritten(String number) {
    assertThat(parse(number)).isEqualTo(new JsonNumber(number));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "tru",
        "True",
        "nul",
        "nulll",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "0x10",
        "NaN",
        "Infinity",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud834\"",
        "\"\\ud834\\u0041\"",
        "\"\\udd1e\"",
        "\"a\nb\"",
        "\"ä\tb\"",
        "1 2",
        "[1 2]",
        "{\"a\" 1}",
        "// no comments\n1",
        "\uFEFF1",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":null,\"a\":null}"
      })
  void refusesWhatIsNoJson(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            CasemateException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
              assertThat(e.why()).matches("line \\d+, column \\d+: .+");
            });
  }

  @Test
  void refusesWhatIsNoUtf8() {
    byte[] overlong = {'"', (byte) 0xc0, (byte) 0x80, '"'};
    byte[] surrogate = {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'};
    byte[] cut = {'"', (byte) 0xe2, (byte) 0x82, '"'};
    for (byte[] input : List.of(overlong, surrogate, cut)) {
      assertThatThrownBy(() -> Json.parse(input, "test.json", JsonLimits.SMALL))
          .hasMessageContaining("not UTF-8");
    }
  }

  @Test
  void namesLineColumnAndWhatItExpected() {
    assertThatThrownBy(() -> parse("{\n  \"ä\": 1,\n  \"b\"; 2\n}"))
        .hasMessage(
            "cannot read test.json: line 3, column 6: expected ':', found ';'; correct it there");
    assertThatThrownBy(() -> parse("{\"ä\": 1 x"))
        .hasMessageContaining("line 1, column 9: expected ',' or '}', found 'x'");
    assertThatThrownBy(() -> parse("["))
        .hasMessageContaining("line 1, column 2: expected a value, found the end");
  }

  @Test
  void holdsItsLimits() {
    JsonLimits limits = new JsonLimits(10, 3);
    assertThat(Json.parse("[[[1]]]", "x", limits).toJson()).isEqualTo("[[[1]]]");
    assertThatThrownBy(() -> Json.parse("[[[[]]]]", "x", limits))
        .hasMessageContaining("more than 3 levels");
    assertThat(Json.parse("[1,2,3,40]", "x", limits).toJson()).hasSize(10);
    assertThatThrownBy(() -> Json.parse("[1,2,3,400]", "x", limits))
        .hasMessageContaining("11 bytes, more than the 10");
    assertThat(Json.parse("[[],[],[],[[]]]", "x", new JsonLimits(100, 3))).isNotNull();
  }

  @Test
  void deepestNestingFitsAnyStack() throws InterruptedException {
    String deep = "[".repeat(128) + "]".repeat(128);
    List<Throwable> failures = new ArrayList<>();
    Thread small =
        new Thread(
            null,
            () -> {
              try {
                Json.parse(deep, "x", new JsonLimits(2000, 128)).toJson();
              } catch (Throwable t) {
                failures.add(t);
              }
            },
            "small-stack",
            200_000);
    small.start();
    small.join();
    assertThat(failures).isEmpty();
  }

  @Test
  void writesPretty() {
    assertThat(JsonWriter.pretty(parse("{\"a\":[1,{\"b\":\"c\"}],\"e\":[],\"o\":{}}")))
        .isEqualTo(
            """
            {
              "a": [
                1,
                {
                  "b": "c"
                }
              ],
              "e": [],
              "o": {}
            }\
            """);
  }

  @Test
  void escapesWhatAReaderWouldStumbleOver() {
    assertThat(JsonWriter.quoted("a\u0000\u001f\"\\\n\r\t\ud800z𝄞"))
        .isEqualTo("\"a\\u0000\\u001f\\\"\\\\\\n\\r\\t\ufffdz𝄞\"");
  }

  @Test
  void namesThePathOfAWrongValue() {
    JsonCursor at = JsonCursor.of(parse("{\"a\":{\"b\":[0,\"x\"]}}"), "test.json");
    assertThatThrownBy(() -> at.require("a").require("b").elements().get(1).integer(0, 9))
        .hasMessage(
            "cannot read test.json: a.b[1]: expected a number, found a string; correct the value");
    assertThatThrownBy(() -> at.require("a").require("c").text())
        .hasMessageContaining("a.c: it is missing");
    assertThatThrownBy(() -> at.flag("a"))
        .hasMessageContaining("a: expected a boolean, found an object");
  }

  @Test
  void boundsNumbers() {
    JsonCursor at =
        JsonCursor.of(
            parse("{\"n\":18446744073709551615,\"big\":18446744073709551616,\"f\":1.0,\"m\":-1}"),
            "x");
    assertThat(at.optionalUnsigned("n")).isEqualTo(-1L);
    assertThatThrownBy(() -> at.optionalLong("n")).hasMessageContaining("n: expected a number");
    assertThatThrownBy(() -> at.optionalUnsigned("big")).hasMessageContaining("0 to 2^64-1");
    assertThatThrownBy(() -> at.optionalUnsigned("m")).hasMessageContaining("0 to 2^64-1");
    assertThatThrownBy(() -> at.optionalLong("f")).hasMessageContaining("found a fraction");
    assertThat(at.optionalLong("absent")).isNull();
  }

  @Test
  void nullCountsAsAbsent() {
    JsonCursor at = JsonCursor.of(parse("{\"a\":null,\"b\":[null]}"), "x");
    assertThat(at.find("a")).isNull();
    assertThat(at.texts("a")).isEmpty();
    assertThat(at.members()).containsOnlyKeys("b");
    assertThatThrownBy(() -> at.texts("b")).hasMessageContaining("b[0]: expected a string");
  }

  @Test
  void refusesNulInText() {
    JsonCursor at = JsonCursor.of(parse("{\"a\":\"x\\u0000y\"}"), "x");
    assertThatThrownBy(() -> at.text("a")).hasMessageContaining("a: it contains a NUL");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (long seed = 0; seed < 300; seed++) {
      JsonValue value = randomValue(new Random(seed), 5);
      assertThat(parse(JsonWriter.compact(value))).as("seed %d", seed).isEqualTo(value);
      assertThat(parse(JsonWriter.pretty(value))).as("seed %d", seed).isEqualTo(value);
    }
  }

  @Test
  void anyBytesGiveAValueOrACasemateException() {
    byte[] alphabet =
        "{}[]\",:\\u0019eE+-.truefalsn \n\t\u00c3\u00a4\u0000".getBytes(StandardCharsets.UTF_8);
    for (long seed = 0; seed < 5000; seed++) {
      Random random = new Random(seed);
      byte[] input = new byte[random.nextInt(40)];
      for (int i = 0; i < input.length; i++) {
        input[i] =
            random.nextInt(8) == 0
                ? (byte) random.nextInt()
                : alphabet[random.nextInt(alphabet.length)];
      }
      try {
        JsonValue value = Json.parse(input, "x", JsonLimits.SMALL);
        assertThat(parse(value.toJson())).isEqualTo(value);
      } catch (CasemateException refused) {
        assertThat(refused.code()).as("seed %d", seed).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }

  private static JsonValue randomValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> JsonNull.NULL;
      case 1 -> JsonBoolean.of(random.nextBoolean());
      case 2 -> JsonNumber.of(random.nextLong());
      case 3 -> JsonNumber.of(random.nextGaussian());
      case 4 -> new JsonString(randomText(random));
      case 5 -> {
        List<JsonValue> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          elements.add(randomValue(random, depth - 1));
        }
        yield new JsonArray(elements);
      }
      default -> {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          members.put(randomText(random), randomValue(random, depth - 1));
        }
        yield new JsonObject(members);
      }
    };
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      int c = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(128);
      text.appendCodePoint(c >= 0xd800 && c < 0xe000 ? ' ' : c);
    }
    return text.toString();
  }
}
