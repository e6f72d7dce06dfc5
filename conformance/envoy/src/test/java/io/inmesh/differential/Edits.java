package io.inmesh.differential;

import io.inmesh.proto.envoy.config.core.v3.HeaderValue;
import io.inmesh.proto.envoy.config.core.v3.HeaderValueOption;
import io.inmesh.proto.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Generated header operations. */
final class Edits {
  private static final String[] TEXTS = {
    "new",
    "",
    "%REQ(x-a)%",
    "<%REQ(x-b)%>",
    "%REQ(x-none)%",
    "%REQ(x-none?x-a)%",
    "%REQ(:path)%",
    "%REQ(:authority)%-%REQ(:method)%",
    "%REQ(x-a):2%",
    "100%%",
    "%PROTOCOL%",
    "%ROUTE_NAME%"
  };

  private Edits() {}

  /** Of a request, or of a response. */
  static Arbitrary<HeaderValueOption> add() {
    Arbitrary<HeaderAppendAction> action =
        Arbitraries.of(
            HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD,
            HeaderAppendAction.ADD_IF_ABSENT,
            HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
            HeaderAppendAction.OVERWRITE_IF_EXISTS);
    Arbitrary<String> name =
        Arbitraries.frequencyOf(
            Tuple.of(6, Words.name()),
            Tuple.of(2, Arbitraries.of("x-new", "X-A", "server", "x-up")));
    return Combinators.combine(name, Arbitraries.of(TEXTS), action, Gen.seldom(4), Gen.seldom(8))
        .as(Edits::add);
  }

  @SuppressWarnings("deprecation")
  private static HeaderValueOption add(
      String name, String text, HeaderAppendAction action, boolean keepEmpty, boolean old) {
    HeaderValueOption.Builder option =
        HeaderValueOption.newBuilder()
            .setHeader(HeaderValue.newBuilder().setKey(name).setValue(text))
            .setKeepEmptyValue(keepEmpty);
    if (old) {
      option.getAppendBuilder().setValue(action == HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD);
    } else {
      option.setAppendAction(action);
    }
    return option.build();
  }

  static Arbitrary<String> remove() {
    return Arbitraries.of("x-a", "x-b", "x-c", "x-up", "X-A", "x-absent");
  }
}
