package io.inmesh.controlplane.local;

import io.inmesh.controlplane.ControlPlane;
import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who of the applications runs the control plane: who has the lock of a file. The others wait in
 * the operating system for that lock, which ends with its owner's process, however that ends; so a
 * takeover needs no polling and no goodbye.
 */
final class Ownership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inmesh.local");

  /** Members are back within seconds, on a busy machine too; who is not by then was killed. */
  private static final Duration RECONNECT_GRACE = Duration.ofSeconds(30);

  private static final Duration BIND_LIMIT = Duration.ofSeconds(20);
  private static final long PAUSE_MILLIS = 50;

  /** A lock of a file belongs to the whole process: between the meshes in it this decides. */
  private static final Map<Path, Semaphore> IN_THIS_PROCESS = new ConcurrentHashMap<>();

  private final Path directory;
  private final int wanted;
  private final Semaphore turn;
  private final Thread waiting = new Thread(this::waitForTurn, "inmesh-local");
  private @Nullable FileChannel channel;
  private boolean hasTurn;
  private boolean closed;
  private volatile @Nullable ControlPlane plane;
  private volatile @Nullable IOException failure;

  /**
   * @param wanted port, if it is free
   */
  Ownership(Path directory, int wanted) {
    this.directory = directory;
    this.wanted = wanted;
    this.turn = IN_THIS_PROCESS.computeIfAbsent(directory, key -> new Semaphore(1, true));
  }

  /**
   * Takes the ownership if nobody has it, else waits for it in the background.
   *
   * @return whether it was taken, and the control plane runs
   */
  boolean takeOrWait() throws IOException {
    if (turn.tryAcquire()) {
      turn(true);
      if (lock(false)) {
        start(true);
        return true;
      }
      turn(false);
      turn.release();
    }
    waiting.setDaemon(true);
    waiting.start();
    return false;
  }

  boolean held() {
    return plane != null;
  }

  /** Why a control plane could not be started here. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Null: no control plane has run in this folder yet. */
  @Nullable Integer port() {
    try {
      Path file = portFile();
      return Files.exists(file) ? Integer.valueOf(Files.readString(file).strip()) : null;
    } catch (IOException | NumberFormatException e) {
      return null;
    }
  }

  private Path portFile() {
    return directory.resolve("port");
  }

  private void waitForTurn() {
    try {
      turn.acquire();
      turn(true);
      while (!lock(true)) {
        Thread.sleep(
            PAUSE_MILLIS); // the lock is held by this process, through another class loader
      }
      start(false);
      LOG.atInfo()
          .addKeyValue("port", port())
          .log("this application has taken over the control plane of this machine");
    } catch (InterruptedException | ClosedChannelException e) {
      // closed
    } catch (IOException | RuntimeException e) {
      if (!isClosed()) {
        failure = e instanceof IOException io ? io : new IOException(e);
        LOG.atError()
            .setCause(e)
            .log("the control plane of this machine could not be taken over; the last state holds");
      }
    }
  }

  private boolean lock(boolean block) throws IOException {
    FileChannel open =
        FileChannel.open(
            directory.resolve("owner.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    synchronized (this) {
      if (closed) {
        open.close();
        throw new ClosedChannelException();
      }
      channel = open;
    }
    FileLock lock = null;
    try {
      lock = block ? open.lock() : open.tryLock();
    } catch (OverlappingFileLockException e) {
      // not ours
    } catch (FileLockInterruptionException e) {
      throw new ClosedChannelException();
    } finally {
      if (lock == null) {
        open.close();
      }
    }
    return lock != null;
  }

  private synchronized void turn(boolean has) {
    hasTurn = has;
  }

  /**
   * On the port that others know, always; a new one only where nobody can know an old one.
   *
   * @param first nobody else was the owner
   */
  private void start(boolean first) throws IOException {
    Integer known = port();
    long end = System.nanoTime() + BIND_LIMIT.toNanos();
    int port = known == null ? wanted : known;
    while (true) {
      try {
        started(run(port));
        return;
      } catch (IOException e) {
        if (!inUse(e)) {
          throw e;
        }
        if (first) {
          LOG.atWarn()
              .addKeyValue("port", port)
              .log(
                  "the port of the local control plane is taken by something else; another is used");
          port = 0;
        } else if (System.nanoTime() - end > 0) {
          throw e;
        } else {
          pause();
        }
      }
    }
  }

  private ControlPlane run(int port) throws IOException {
    return ControlPlane.builder()
        .configDirectory(directory.resolve("mesh"))
        .stateDirectory(directory.resolve("state"))
        .listen("127.0.0.1", port)
        .trustDomain(LocalMesh.TRUST_DOMAIN)
        .reconnectGrace(RECONNECT_GRACE)
        .probePorts(true)
        .start();
  }

  private synchronized void started(ControlPlane running) throws IOException {
    if (closed) {
      running.close();
      throw new ClosedChannelException();
    }
    plane = running;
    OwnerOnlyFiles.write(
        portFile(), Integer.toString(running.port()).getBytes(StandardCharsets.US_ASCII));
    LOG.atInfo()
        .addKeyValue("port", running.port())
        .addKeyValue("folder", directory)
        .log("this application runs the control plane of this machine");
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new ClosedChannelException();
    }
  }

  private static boolean inUse(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException
          || String.valueOf(cause.getMessage()).contains("already in use")) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    ControlPlane running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      running = plane;
      plane = null;
    }
    waiting.interrupt();
    if (running != null) {
      running.close();
    }
    synchronized (this) {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        // the process's end frees it
      }
    }
    try {
      waiting.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (hasTurn) {
        hasTurn = false;
        turn.release();
      }
    }
  }
}
