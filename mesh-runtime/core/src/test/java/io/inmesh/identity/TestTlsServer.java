package io.inmesh.identity;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;

/** A server on loopback that answers one line with what it has learnt of its peer. */
public final class TestTlsServer implements AutoCloseable {
  final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<ClientHello> hellos = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<PeerIdentity> peers = new ConcurrentLinkedQueue<>();
  final List<SSLEngine> engines = new CopyOnWriteArrayList<>();
  final AtomicInteger finished = new AtomicInteger();
  private final ServerSocketChannel listening;
  private final Callable<InboundTls> tls;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "test-tls-server");
            thread.setDaemon(true);
            return thread;
          });

  public TestTlsServer(Callable<InboundTls> tls) throws IOException {
    this.tls = tls;
    this.listening = ServerSocketChannel.open();
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    threads.execute(this::accept);
  }

  public int port() {
    return listening.socket().getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel channel = listening.accept();
        threads.execute(() -> serve(channel));
      }
    } catch (ClosedChannelException e) {
      // the end
    } catch (IOException e) {
      failures.add(e);
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      ByteBuffer received = ByteBuffer.allocate(128 * 1024);
      ClientHello hello = ClientHello.INCOMPLETE;
      while (hello.isIncomplete()) {
        if (channel.read(received) < 0) {
          break;
        }
        hello = ClientHello.peek(received.duplicate().flip());
      }
      hellos.add(hello);
      InboundTls inbound = tls.call();
      SSLEngine engine = inbound.newEngine();
      engines.add(engine);
      EngineConnection connection = new EngineConnection(channel, engine, received);
      try {
        connection.handshake();
        String line = connection.readLine();
        PeerIdentity peer = inbound.peer(engine.getSession());
        if (peer != null) {
          peers.add(peer);
        }
        String alpn = engine.getApplicationProtocol();
        connection.writeLine(
            line
                + " "
                + (peer == null ? "nobody" : peer.spiffeId())
                + " "
                + (alpn == null || alpn.isEmpty() ? "-" : alpn)
                + " "
                + engine.getSession().getProtocol()
                + " key="
                + inbound.keyGeneration());
        connection.closeOutbound();
      } catch (IOException | RuntimeException e) {
        failures.add(e);
        connection.refuse();
      } finally {
        inbound.release(engine);
      }
    } catch (Exception e) {
      failures.add(e);
    } finally {
      finished.incrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    threads.shutdownNow();
  }
}
