package io.inmesh.grpc.server;

import io.grpc.Context;
import io.grpc.ServerCall;
import io.grpc.Status;

/** Brings an RPC's events to the application, in the RPC's context, and its end to the mesh. */
final class ServedListener<Q> extends ServerCall.Listener<Q> {
  private final ServedRpc<Q, ?> rpc;
  private final Context.CancellableContext context;
  private final ServerCall.Listener<Q> application;

  ServedListener(
      ServedRpc<Q, ?> rpc, Context.CancellableContext context, ServerCall.Listener<Q> application) {
    this.rpc = rpc;
    this.context = context;
    this.application = application;
  }

  @Override
  public void onMessage(Q message) {
    Context outer = context.attach();
    try {
      application.onMessage(message);
    } catch (RuntimeException | Error e) {
      throw failed(e);
    } finally {
      context.detach(outer);
    }
  }

  @Override
  public void onHalfClose() {
    Context outer = context.attach();
    try {
      application.onHalfClose();
    } catch (RuntimeException | Error e) {
      throw failed(e);
    } finally {
      context.detach(outer);
    }
  }

  @Override
  public void onReady() {
    Context outer = context.attach();
    try {
      application.onReady();
    } catch (RuntimeException | Error e) {
      throw failed(e);
    } finally {
      context.detach(outer);
    }
  }

  @Override
  public void onCancel() {
    end(true);
  }

  @Override
  public void onComplete() {
    end(rpc.taken());
  }

  private void end(boolean cancelled) {
    boolean taken = rpc.taken();
    if (!taken) {
      rpc.gone(cancelled);
    }
    Context outer = context.attach();
    try {
      if (cancelled) {
        application.onCancel();
      } else {
        application.onComplete();
      }
    } finally {
      context.detach(outer);
      context.cancel(null);
      rpc.ended();
    }
  }

  /** As gRPC itself answers for an application that throws, but through the mesh. */
  private RuntimeException failed(Throwable e) {
    rpc.failed(Status.UNKNOWN.withDescription("Application error processing RPC").withCause(e));
    return ServedListener.<RuntimeException>same(e);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E same(Throwable e) throws E {
    throw (E) e;
  }
}
