package io.inmesh.conformance;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;

/**
 * An HTTP/1.1 server on loopback that does exactly what a test says, breaking off included. A
 * thread for each connection.
 */
public final class RawServer implements AutoCloseable {
  private final ServerSocket listening;
  private final Handler handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final List<String> peers = new CopyOnWriteArrayList<>();

  public RawServer(Handler handler) throws IOException {
    this(handler, ServerSocketFactory.getDefault());
  }

  /**
   * @param sockets what it listens by: {@link Certificates#server}
   */
  RawServer(Handler handler, ServerSocketFactory sockets) throws IOException {
    this.handler = handler;
    this.listening = sockets.createServerSocket(0, 200, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  /** Answers one request. */
  @FunctionalInterface
  public interface Handler {
    void handle(Received request, RawAnswer answer) throws IOException, InterruptedException;
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** Whole requests, in the order in which they came. */
  public List<Received> received() {
    return received;
  }

  /** The names in certificates that clients showed, for each connection whose handshake ended. */
  List<String> peers() {
    return peers;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        socket.setTcpNoDelay(true);
        open.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed: the end
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      if (socket instanceof SSLSocket secure) {
        peers.add(Certificates.peer(secure.getSession()));
      }
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      RawAnswer answer =
          new RawAnswer(socket, new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
      for (Received request; (request = Received.read(in)) != null; ) {
        received.add(request);
        handler.handle(request, answer);
        answer.flush();
      }
    } catch (IOException e) {
      // the peer is gone, or the handler broke off
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** Whether a client holds a connection open. */
  public boolean connected() {
    return !open.isEmpty();
  }

  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0 && c != '\n') {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    if (c < 0 && line.length() == 0) {
      throw new java.io.EOFException();
    }
    return line.toString();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
