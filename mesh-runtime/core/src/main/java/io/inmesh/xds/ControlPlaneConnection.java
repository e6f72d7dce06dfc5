package io.inmesh.xds;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A control plane at one address, in plaintext or by TLS. Immutable and thread-safe; also of use
 * for other calls to the same control plane (certificates).
 */
public final class ControlPlaneConnection implements ControlPlane {
  /** Where a bearer token comes from; asked before each stream. */
  public interface TokenSource {
    String token() throws IOException;
  }

  private final Builder settings;

  private ControlPlaneConnection(Builder settings) {
    this.settings = settings;
  }

  /** Without encryption: loopback, or istiod's port 15010. */
  public static Builder plaintext(String host, int port) {
    return new Builder(host, port, null);
  }

  /** A Unix socket of this machine, where Netty's native transport is (Linux). */
  public static Builder unix(String path) {
    return new Builder("unix:" + path, 0, null);
  }

  /**
   * By TLS. The supplier is asked for each channel, so a renewed certificate is used from the next
   * channel on.
   */
  public static Builder tls(
      String host, int port, Supplier<? extends ChannelCredentials> credentials) {
    return new Builder(host, port, credentials);
  }

  /**
   * TLS credentials that trust these roots and show no certificate.
   *
   * @throws IOException if the roots are no PEM certificates
   */
  public static ChannelCredentials trusting(byte[] rootsPem) throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(new ByteArrayInputStream(rootsPem))
        .build();
  }

  /**
   * TLS credentials that trust these roots and show a certificate.
   *
   * @throws IOException if an argument is not the PEM it should be
   */
  public static ChannelCredentials mutual(byte[] rootsPem, byte[] chainPem, byte[] keyPem)
      throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(new ByteArrayInputStream(rootsPem))
        .keyManager(new ByteArrayInputStream(chainPem), new ByteArrayInputStream(keyPem))
        .build();
  }

  @Override
  public ManagedChannel newChannel() {
    Supplier<? extends ChannelCredentials> credentials = settings.credentials;
    ChannelCredentials used =
        credentials == null ? InsecureChannelCredentials.create() : credentials.get();
    NettyChannelBuilder channel =
        (settings.host.startsWith("unix:")
                ? UnixSockets.channel(settings.host.substring("unix:".length()), used)
                : NettyChannelBuilder.forAddress(settings.host, settings.port, used))
            // one message carries a whole type: 4 MiB are passed at about 2,600 services
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .keepAliveTime(settings.keepAliveTime.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(settings.keepAliveTimeout.toMillis(), TimeUnit.MILLISECONDS)
            // the client reopens streams itself; gRPC would keep what was sent, for a retry of its
            // own
            .disableRetry()
            .disableServiceConfigLookUp();
    if (settings.serverName != null) {
      channel.overrideAuthority(settings.serverName);
    }
    return channel.build();
  }

  @Override
  public long generation() {
    return settings.generation.getAsLong();
  }

  @Override
  public Metadata headers() throws IOException {
    Metadata headers = new Metadata();
    settings.headers.forEach((name, value) -> headers.put(key(name), value));
    if (settings.token != null) {
      headers.put(key("authorization"), "Bearer " + settings.token.token());
    }
    return headers;
  }

  @Override
  public String toString() {
    if (settings.host.startsWith("unix:")) {
      return settings.host;
    }
    return settings.host + ":" + settings.port + (settings.credentials == null ? "" : " (TLS)");
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Not thread-safe. */
  public static final class Builder {
    private final String host;
    private final int port;
    private final @Nullable Supplier<? extends ChannelCredentials> credentials;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private LongSupplier generation = () -> 0;
    private Duration keepAliveTime = Duration.ofSeconds(30);
    private Duration keepAliveTimeout = Duration.ofSeconds(10);
    private @Nullable String serverName;
    private @Nullable TokenSource token;

    private Builder(
        String host, int port, @Nullable Supplier<? extends ChannelCredentials> credentials) {
      this.host = host;
      this.port = port;
      this.credentials = credentials;
    }

    private Builder(Builder from) {
      this(from.host, from.port, from.credentials);
      headers.putAll(from.headers);
      generation = from.generation;
      keepAliveTime = from.keepAliveTime;
      keepAliveTimeout = from.keepAliveTimeout;
      serverName = from.serverName;
      token = from.token;
    }

    /**
     * The name in SNI, in {@code :authority} and in the server's certificate, if it is not the
     * host.
     */
    public Builder serverName(String name) {
      this.serverName = name;
      return this;
    }

    /** Sends {@code authorization: Bearer} with each stream; TLS only. */
    public Builder bearerToken(TokenSource source) {
      if (credentials == null) {
        throw new IllegalStateException(
            "a bearer token would travel readable to " + host + ":" + port + ": use TLS");
      }
      this.token = source;
      return this;
    }

    /**
     * As {@link #bearerToken}, from a file that is read for each stream (Kubernetes renews
     * projected tokens in place).
     */
    public Builder bearerTokenFile(Path file) {
      return bearerToken(
          () -> {
            String text = Files.readString(file).strip();
            if (text.isEmpty()) {
              throw new IOException("the token file " + file + " is empty");
            }
            return text;
          });
    }

    /** The {@code clusterid} header, by which istiod knows where a token belongs. */
    public Builder clusterId(String id) {
      return header("clusterid", id);
    }

    /** One more header of every stream. */
    public Builder header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    /** Counts the renewals of the credentials; default: they never change. */
    public Builder credentialsGeneration(LongSupplier counter) {
      this.generation = counter;
      return this;
    }

    /**
     * HTTP/2 PING after {@code time} without a byte (default 30 s), dead after {@code timeout} more
     * (default 10 s).
     */
    public Builder keepAlive(Duration time, Duration timeout) {
      this.keepAliveTime = time;
      this.keepAliveTimeout = timeout;
      return this;
    }

    public ControlPlaneConnection build() {
      return new ControlPlaneConnection(new Builder(this));
    }
  }
}
