package io.inmesh.controlplane.local;

import io.inmesh.controlplane.files.OwnerOnlyFiles;
import io.inmesh.controlplane.identity.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One application's part in the mesh of this machine, for development. The first application owns
 * the control plane (loopback only) and the lock file; when it ends, whatever way, another one that
 * waited takes over on the same port, with the same CA, registrations and configuration. Everything
 * is in one owner-only folder, which applications of the same user share: whoever can read it is
 * whoever he wants in this mesh.
 *
 * <p>Thread-safe.
 */
public final class LocalMesh implements AutoCloseable {
  static final String TRUST_DOMAIN = "cluster.local";

  private final Path directory;
  private final Ownership ownership;
  private final List<PublishedFolder> published = new ArrayList<>();

  private LocalMesh(Builder settings) throws IOException {
    directory = settings.directory;
    OwnerOnlyFiles.createDirectories(directory);
    OwnerOnlyFiles.createDirectories(directory.resolve("state"));
    OwnerOnlyFiles.createDirectories(directory.resolve("mesh"));
    ownership = new Ownership(directory, settings.port);
  }

  public static Builder builder() {
    return new Builder();
  }

  private void join(Builder settings) throws IOException {
    if (ownership.takeOrWait()) {
      PublishedFolder.sweep(directory.resolve("mesh"));
    }
    Path config = settings.config;
    if (config != null) {
      published.add(
          PublishedFolder.follow(config, settings.configNeeded, directory.resolve("mesh")));
    }
    awaitControlPlane(settings.limit);
  }

  private void awaitControlPlane(Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (!answers()) {
      IOException failure = ownership.failure();
      if (failure != null) {
        throw failure;
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            "the control plane of this machine, which another application runs, did not answer"
                + " within "
                + limit
                + " (its folder is "
                + directory
                + ")");
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while joining the local mesh", e);
      }
    }
  }

  private boolean answers() {
    Integer port = ownership.port();
    if (port == null || !Files.exists(rootCertificate())) {
      return false;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Of the control plane, on loopback; the same for as long as this application lives. */
  public int port() {
    Integer port = ownership.port();
    if (port == null) {
      throw new IllegalStateException("the local mesh has no port yet");
    }
    return port;
  }

  /** PEM file with the mesh's root. */
  public Path rootCertificate() {
    return directory.resolve("state").resolve("root-cert.pem");
  }

  /**
   * Writes a token for a service account, and returns its owner-only file.
   *
   * @throws IllegalArgumentException when these are no names
   */
  public Path tokenFile(String namespace, String serviceAccount) throws IOException {
    try {
      return TokenIssuer.open(directory.resolve("state"), TRUST_DOMAIN, Clock.systemUTC())
          .writeFile(namespace, serviceAccount);
    } catch (GeneralSecurityException e) {
      throw new IOException("no token can be signed: " + e.getMessage(), e);
    }
  }

  /**
   * Makes {@code http://<name>.<namespace>} a service of this mesh (port 80), whose instances are
   * the workloads with label {@code app: <name>}. Where the mesh's YAML describes that service
   * itself, that counts.
   */
  public synchronized void service(String namespace, String name) throws IOException {
    published.add(
        PublishedFolder.service(directory.resolve("mesh"), new GeneratedService(namespace, name)));
  }

  /** Whether this application runs the control plane now. */
  public boolean owner() {
    return ownership.held();
  }

  /** Leaves. An owner ends its control plane, and another application takes over. */
  @Override
  public synchronized void close() {
    published.forEach(PublishedFolder::close);
    ownership.close();
  }

  /** Settings, each with a default. Not thread-safe. */
  public static final class Builder {
    private Path directory = Path.of(System.getProperty("user.home"), ".inmesh");
    private @Nullable Path config;
    private boolean configNeeded;
    private int port = 15012;
    private Duration limit = Duration.ofSeconds(30);

    private Builder() {}

    /** Where the applications meet. Default {@code .inmesh} in the home directory. */
    public Builder directory(Path folder) {
      directory = folder.toAbsolutePath().normalize();
      return this;
    }

    /**
     * A folder with Istio YAML that this application brings along; changes are followed. Others may
     * bring the same or further ones. Default: none.
     */
    public Builder config(Path folder) {
      config = folder;
      configNeeded = true;
      return this;
    }

    /** The same for a folder that may be missing, and may come later. */
    public Builder configIfPresent(Path folder) {
      config = folder;
      configNeeded = false;
      return this;
    }

    /** Of the control plane; if something else has it, a free one. Default 15012. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /** How long to wait for another application's control plane. Default 30 seconds. */
    public Builder limit(Duration wait) {
      limit = wait;
      return this;
    }

    /**
     * Joins: when this returns, a control plane answers.
     *
     * @throws IOException when the folder cannot be used, or no control plane answers in time
     */
    public LocalMesh join() throws IOException {
      LocalMesh mesh = new LocalMesh(this);
      try {
        mesh.join(this);
        return mesh;
      } catch (IOException | RuntimeException e) {
        mesh.close();
        throw e;
      }
    }
  }
}
