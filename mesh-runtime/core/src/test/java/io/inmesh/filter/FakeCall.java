package io.inmesh.filter;

import io.inmesh.config.HeaderEdits;
import io.inmesh.config.HttpFilterConfig;
import io.inmesh.config.Route;
import io.inmesh.http.Connection;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call as one filter sees it; keeps what the filter did. */
final class FakeCall implements FilterCall {
  final RequestHead request;
  final Connection connection;
  final List<ResponseFlag> flags = new ArrayList<>();
  @Nullable HttpFilterConfig override;
  @Nullable LocalReply reply;
  @Nullable String policy;
  @Nullable Object state;
  long random;
  long resumeAfter = -1;

  FakeCall(RequestHead request, Connection connection) {
    this.request = request;
    this.connection = connection;
  }

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public @Nullable Route route() {
    return null;
  }

  @Override
  public void clearRoute() {}

  @Override
  public HttpFilterConfig config(HttpFilterConfig own) {
    return override == null ? own : override;
  }

  @Override
  public HeaderEdits.FormatValues values() {
    return (command, argument) -> command + "(" + argument + ")";
  }

  @Override
  public long nowNanos() {
    return 0;
  }

  @Override
  public long random() {
    return random;
  }

  @Override
  public void reply(LocalReply reply) {
    this.reply = reply;
  }

  @Override
  public Pause pause() {
    return new Pause() {
      @Override
      public void resume() {}

      @Override
      public void resumeWith(LocalReply reply) {
        FakeCall.this.reply = reply;
      }
    };
  }

  @Override
  public void resumeAfter(long nanos) {
    resumeAfter = nanos;
  }

  @Override
  public void flag(ResponseFlag flag) {
    flags.add(flag);
  }

  @Override
  public void policy(String name) {
    policy = name;
  }

  @Override
  public @Nullable Object state() {
    return state;
  }

  @Override
  public void state(Object value) {
    state = value;
  }
}
