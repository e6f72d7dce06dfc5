package io.inmesh.tomcat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Passes what the client sends on byte by byte, each in a segment of its own. */
final class DribblingProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

  DribblingProxy(int target) throws IOException {
    Thread thread = new Thread(() -> run(target), "dribble");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  private void run(int target) {
    try (Socket from = listener.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), target)) {
      to.setTcpNoDelay(true);
      Thread back = new Thread(() -> copy(to, from, 8192), "dribble-back");
      back.setDaemon(true);
      back.start();
      copy(from, to, 1);
      back.join();
    } catch (IOException | InterruptedException e) {
      // the test sees what it wants to see at its own end
    }
  }

  private static void copy(Socket from, Socket to, int size) {
    byte[] buffer = new byte[size];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count; (count = in.read(buffer)) > 0; ) {
        out.write(buffer, 0, count);
        out.flush();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // closed by either end
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
