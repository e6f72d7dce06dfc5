package io.inmesh.okhttp;

import okio.Sink;
import okio.Socket;
import okio.Source;

/** An upgraded connection: the call lasts until its incoming side ends. */
final class RelayedSocket implements Socket {
  private final Socket socket;
  private final Source source;

  RelayedSocket(Socket socket, Source source) {
    this.socket = socket;
    this.source = source;
  }

  @Override
  public Source getSource() {
    return source;
  }

  @Override
  public Sink getSink() {
    return socket.getSink();
  }

  @Override
  public void cancel() {
    socket.cancel();
  }
}
