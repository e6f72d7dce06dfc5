package io.inmesh.call;

import io.inmesh.filter.FilterCall;
import io.inmesh.filter.FilterStatus;
import io.inmesh.filter.HttpFilter;
import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import java.util.List;
import java.util.function.Function;

/** A filter that does what a test says, and keeps a record of how it was used. */
record ScriptedFilter(String name, List<String> log, Function<FilterCall, FilterStatus> script)
    implements HttpFilter {

  static ScriptedFilter passing(String name, List<String> log) {
    return new ScriptedFilter(name, log, call -> FilterStatus.CONTINUE);
  }

  @Override
  public FilterStatus request(FilterCall call) {
    log.add(name + " request");
    return script.apply(call);
  }

  @Override
  public boolean wantsResponse() {
    return true;
  }

  @Override
  public void response(FilterCall call, ResponseHead head) {
    log.add(name + " response");
    String so = head.headers().first("x-seen");
    head.headers().set("x-seen", so == null ? name : so + "," + name);
  }

  @Override
  public void trailers(FilterCall call, Headers trailers) {
    log.add(name + " trailers");
  }

  @Override
  public void end(FilterCall call) {
    log.add(name + " end");
  }
}
