package io.inmesh.filter;

import static io.inmesh.config.RbacTestKit.get;
import static io.inmesh.config.RbacTestKit.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.inmesh.config.DisabledFilter;
import io.inmesh.config.FilterTestKit;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HeaderMutationFilterTest {
  private static final String BOTH =
      "{'mutations': {'requestMutations': [{'remove': 'X-Internal'}, {'append': {'header': {'key':"
          + " 'x-was', 'value': '%REQ(x-a)%'}}}], 'responseMutations': [{'append': {'header':"
          + " {'key': 'x-mutated', 'value': '1'}, 'appendAction':"
          + " 'OVERWRITE_IF_EXISTS_OR_ADD'}}]}}";

  private static HttpFilterConfig config(String json) {
    return FilterTestKit.headerMutation(json);
  }

  @Test
  void requestAndResponseHeadersAreEdited() {
    HttpFilter filter = HttpFilters.create(config(BOTH));
    FakeCall call = new FakeCall(get("/", "x-internal", "1", "x-a", "2"), plain());
    assertThat(filter.request(call)).isEqualTo(FilterStatus.CONTINUE);
    assertThat(call.request.headers()).isEqualTo(Headers.of("x-a", "2", "x-was", "REQ(x-a)"));
    assertThat(filter.wantsResponse()).isTrue();
    ResponseHead head = new ResponseHead(200, Headers.of("x-mutated", "0"));
    filter.response(call, head);
    assertThat(head.headers()).isEqualTo(Headers.of("x-mutated", "1"));
  }

  @Test
  void mutationsRunInTheOrderInWhichTheyStand() {
    HttpFilter filter =
        HttpFilters.create(
            config(
                "{'mutations': {'requestMutations': [{'append': {'header': {'key': 'x-a', 'value':"
                    + " '1'}}}, {'remove': 'x-a'}, {'append': {'header': {'key': 'x-a', 'value':"
                    + " '2'}}}]}}"));
    FakeCall call = new FakeCall(get("/"), plain());
    assertThat(filter.request(call)).isEqualTo(FilterStatus.CONTINUE);
    assertThat(call.request.headers().all("x-a")).containsExactly("2");
    assertThat(filter.wantsResponse()).isFalse();
  }

  @Test
  void aRouteMaySwitchItOff() {
    FakeCall call = new FakeCall(get("/", "x-internal", "1"), plain());
    call.override = new DisabledFilter("envoy.filters.http.header_mutation");
    HttpFilter filter = HttpFilters.create(config(BOTH));
    assertThat(filter.request(call)).isEqualTo(FilterStatus.CONTINUE);
    ResponseHead head = new ResponseHead(200, new Headers());
    filter.response(call, head);
    assertThat(call.request.headers().contains("x-internal")).isTrue();
    assertThat(head.headers().size()).isZero();
  }

  @Test
  void aRouteWithMutationsOfItsOwnIsAnsweredWithTheReason() {
    FakeCall call = new FakeCall(get("/"), plain());
    call.override = FilterTestKit.headerMutationPerRoute("{}");
    assertThat(HttpFilters.create(config(BOTH)).request(call)).isEqualTo(FilterStatus.REPLY);
    LocalReply reply = Objects.requireNonNull(call.reply);
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.body()).endsWith("header_mutation.v3.HeaderMutationPerRoute");
  }
}
