package io.inmesh.identity;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Drives an engine over a blocking channel, as plainly as can be. */
final class EngineConnection {
  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ByteBuffer netIn; // ready to be filled
  private final ByteBuffer netOut = ByteBuffer.allocate(64 * 1024);
  private final ByteBuffer app = ByteBuffer.allocate(InboundTls.APPLICATION_BUFFER_SIZE);

  EngineConnection(SocketChannel channel, SSLEngine engine, ByteBuffer received) {
    this.channel = channel;
    this.engine = engine;
    this.netIn = received;
  }

  void handshake() throws IOException {
    engine.beginHandshake();
    while (true) {
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
        case NEED_TASK -> engine.getDelegatedTask().run();
        default -> {
          return;
        }
      }
    }
  }

  String readLine() throws IOException {
    while (true) {
      for (int i = 0; i < app.position(); i++) {
        if (app.get(i) == '\n') {
          return new String(app.array(), 0, i, StandardCharsets.UTF_8);
        }
      }
      unwrap();
      while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        wrap(ByteBuffer.allocate(0));
      }
    }
  }

  void writeLine(String line) throws IOException {
    wrap(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  void closeOutbound() throws IOException {
    engine.closeOutbound();
    wrap(ByteBuffer.allocate(0));
  }

  /** Sends what the engine still has to say, an alert, and lets the peer read it. */
  void refuse() throws IOException {
    try {
      for (int i = 0; i < 3 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
        wrap(ByteBuffer.allocate(0));
      }
    } catch (SSLException alreadyKnown) {
      // the engine repeats why it failed
    }
    channel.shutdownOutput();
    do {
      netIn.clear();
    } while (channel.read(netIn) >= 0);
  }

  private void unwrap() throws IOException {
    netIn.flip();
    SSLEngineResult result;
    try {
      result = engine.unwrap(netIn, app);
    } finally {
      netIn.compact();
    }
    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw new EOFException("closed by the peer");
    }
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW && channel.read(netIn) < 0) {
      throw new EOFException("gone");
    }
  }

  private void wrap(ByteBuffer bytes) throws IOException {
    do {
      netOut.clear();
      engine.wrap(bytes, netOut);
      netOut.flip();
      while (netOut.hasRemaining()) {
        channel.write(netOut);
      }
    } while (bytes.hasRemaining());
  }
}
