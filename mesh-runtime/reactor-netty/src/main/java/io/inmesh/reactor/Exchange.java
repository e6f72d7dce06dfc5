package io.inmesh.reactor;

import io.inmesh.call.BodyTraits;
import io.inmesh.call.Call;
import io.inmesh.call.CallContext;
import io.inmesh.call.Capabilities;
import io.inmesh.call.Command;
import io.inmesh.driver.ReplayBuffer;
import io.inmesh.driver.StreamedCall;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import io.inmesh.runtime.HostLines;
import io.inmesh.runtime.MeshServices;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/** One logical call: the application's request, its attempts, and what it is answered. */
final class Exchange
    implements StreamedCall.Opener<ByteBuf>, StreamedCall.Caller, CoreSubscriber<ByteBuf> {
  private static final Capabilities CAN = new Capabilities(true, false, true, false);

  private final HostLines<Line> lines;
  private final boolean https;
  private final MonoSink<Answer> sink;
  private final Context context;
  private final @Nullable Publisher<? extends ByteBuf> body;
  private final StreamedCall<ByteBuf> streamed;
  private @Nullable Call call;
  private @Nullable ResponseBody response;
  private volatile @Nullable Headers trailers;
  private volatile @Nullable Subscription source;
  private volatile @Nullable Throwable bodyFailure;

  /** The request's body is wanted no more; it may not have been subscribed to yet. */
  private volatile boolean unwanted;

  private boolean begun;
  private boolean asked;
  private boolean answered;

  private Exchange(
      MeshServices services,
      HostLines<Line> lines,
      boolean https,
      @Nullable Publisher<? extends ByteBuf> body,
      MonoSink<Answer> sink) {
    this.lines = lines;
    this.https = https;
    this.body = body;
    this.sink = sink;
    this.context = Context.of(sink.contextView());
    this.streamed =
        new StreamedCall<>(
            services.drivers(), Buffers.INSTANCE, StreamedCall.REPLAY_LIMIT, this, this);
  }

  /**
   * @return false: the mesh leaves the request alone, and the sink has heard nothing
   */
  static boolean start(
      MeshServices services,
      HostLines<Line> lines,
      RequestHead head,
      @Nullable Publisher<? extends ByteBuf> body,
      CallContext parent,
      MonoSink<Answer> sink) {
    Exchange exchange = new Exchange(services, lines, head.scheme().equals("https"), body, sink);
    Call call =
        services
            .calls()
            .outbound(
                head,
                body == null ? BodyTraits.NONE : BodyTraits.REPLAYABLE,
                parent,
                CAN,
                exchange.streamed.waker(),
                services.drivers().nanos().getAsLong());
    if (call == null) {
      exchange.discardBody();
      return false;
    }
    exchange.call = call;
    exchange.streamed.start(call);
    // afterwards: a call that has not started hears of nobody's leaving
    sink.onCancel(exchange.streamed::cancel);
    return true;
  }

  // ---- StreamedCall.Opener

  @Override
  public StreamedCall.Attempt start(Command.Start start, ReplayBuffer<ByteBuf>.Reader reader) {
    Attempt attempt =
        new Attempt(
            streamed, start.attempt(), start.wire(), start.head(), false, body != null, reader);
    attempt.open(lines, start.host(), context);
    return attempt;
  }

  @Override
  public StreamedCall.Attempt mirror(Command.Mirror mirror, ReplayBuffer<ByteBuf>.Reader reader) {
    Attempt attempt =
        new Attempt(
            streamed, mirror.attempt(), mirror.wire(), mirror.head(), true, body != null, reader);
    attempt.open(lines, mirror.host(), context);
    return attempt;
  }

  // ---- StreamedCall.Caller, in the loop

  @Override
  public void begin() {
    if (unwanted) {
      return;
    }
    begun = true;
    if (body == null) {
      streamed.finish();
    } else {
      body.subscribe(this);
    }
  }

  @Override
  public void writable() {
    Subscription from = source;
    if (from != null && !asked) {
      asked = true;
      from.request(1);
    }
  }

  @Override
  public void respond(StreamedCall.Attempt attempt, ResponseHead head) {
    Call mine = call;
    boolean timed = mine != null && mine.deadlineNanos() != Long.MAX_VALUE;
    ResponseBody relayed = new ResponseBody(streamed, (Attempt) attempt, timed);
    response = relayed;
    answer(new Answer(head, relayed, () -> trailers));
  }

  @Override
  public void reply(ResponseHead head, String text, @Nullable Headers more) {
    cancelBody();
    if (https) {
      // the mesh is no party to the application's TLS: it breaks off, it does not answer
      answered = true;
      String why = call == null ? null : call.outcome().failure();
      sink.error(
          new IOException("the mesh broke off an https call: " + (why == null ? text : why)));
      return;
    }
    Flux<ByteBuf> bytes =
        text.isEmpty()
            ? Flux.empty()
            : Flux.defer(() -> Flux.just(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)));
    answer(new Answer(head, bytes, () -> more));
  }

  private void answer(Answer answer) {
    answered = true;
    sink.success(answer);
  }

  @Override
  public void end(@Nullable Headers received) {
    trailers = received;
    cancelBody();
    ResponseBody relayed = response;
    if (relayed != null) {
      relayed.end();
    }
  }

  @Override
  public void failed(IOException why) {
    cancelBody();
    ResponseBody relayed = response;
    if (relayed != null) {
      relayed.fail(why);
    } else if (!answered) {
      answered = true;
      Throwable own = bodyFailure;
      sink.error(own != null ? own : why);
    }
  }

  /** What the application would still write goes nowhere. */
  private void cancelBody() {
    unwanted = true; // before the source is looked for
    discardBody();
    Subscription from = source;
    if (from != null) {
      from.cancel();
    }
  }

  /** A single value may be there already, and nobody else would let go of it. */
  private void discardBody() {
    if (!begun && body instanceof Mono<? extends ByteBuf> value) {
      begun = true;
      value.subscribe(ByteBuf::release, e -> {});
    }
  }

  // ---- the request's body, on whatever thread it comes

  @Override
  public Context currentContext() {
    return context;
  }

  @Override
  public void onSubscribe(Subscription from) {
    source = from;
    if (unwanted) {
      from.cancel();
    } else {
      streamed.run(streamed::taken);
    }
  }

  @Override
  public void onNext(ByteBuf data) {
    streamed.run(() -> asked = false);
    streamed.write(data);
  }

  @Override
  public void onError(Throwable failure) {
    bodyFailure = failure;
    streamed.cancel();
  }

  @Override
  public void onComplete() {
    streamed.run(() -> source = null);
    streamed.finish();
  }
}
