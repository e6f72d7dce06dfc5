package io.inmesh.telemetry;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines of one file, appended by a thread of its own. A file that is slower than its lines loses
 * some: they are counted, and said.
 */
final class FileSink implements LogSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.telemetry");
  private static final int LINES = 16_384;
  private static final String CLOSE = "";

  private final String path;
  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(LINES);
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;

  FileSink(String path) {
    this.path = path;
    this.thread = new Thread(this::run, "inmesh-access-log");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void write(String line) {
    if (!lines.offer(line)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try (OutputStream out = open()) {
      while (true) {
        String line = lines.take();
        if (line.equals(CLOSE)) {
          return;
        }
        out.write(line.getBytes(StandardCharsets.UTF_8));
        if (lines.isEmpty()) {
          out.flush();
          sayLost();
        }
      }
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("file", path)
          .log("the access log cannot be written any more: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sayLost() {
    long gone = lost.getAndSet(0);
    if (gone > 0) {
      LOG.atWarn()
          .addKeyValue("file", path)
          .log("{} lines of the access log were lost: the file is slower than they come", gone);
    }
  }

  private OutputStream open() throws IOException {
    return new BufferedOutputStream(
        switch (path) {
          case "/dev/stdout" -> new FileOutputStream(FileDescriptor.out);
          case "/dev/stderr" -> new FileOutputStream(FileDescriptor.err);
          default -> new FileOutputStream(path, true);
        });
  }

  /** Writes what is there, at most for a moment. */
  @Override
  public void close() {
    try {
      lines.put(CLOSE);
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
