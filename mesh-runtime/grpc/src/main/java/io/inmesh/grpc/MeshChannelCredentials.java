package io.inmesh.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ChoiceChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Credentials of a channel to a {@code mesh:///host:port} target: each connection is plaintext or
 * mTLS under the workload's identity, as the mesh says for its endpoint. For {@code grpc-netty} and
 * {@code grpc-netty-shaded}.
 *
 * <pre>{@code
 * Grpc.newChannelBuilder("mesh:///reviews.shop:9090", MeshChannelCredentials.create()).disableRetry()
 * }</pre>
 */
public final class MeshChannelCredentials extends ChannelCredentials {
  static final ChannelCredentials PLAINTEXT = InsecureChannelCredentials.create();

  private final ChannelCredentials outside;

  private MeshChannelCredentials(ChannelCredentials outside) {
    this.outside = outside;
  }

  /** Where the mesh has no part, connections are plaintext. */
  public static ChannelCredentials create() {
    return create(PLAINTEXT);
  }

  /**
   * @param outside for connections that the mesh has no part in: excluded destinations, a mesh that
   *     is switched off, targets that are not {@code mesh:///}
   */
  public static ChannelCredentials create(ChannelCredentials outside) {
    // the first is understood by no transport, and marks the others
    List<ChannelCredentials> choices = new ArrayList<>();
    choices.add(new MeshChannelCredentials(outside));
    choices.add(ShadedNettyTransport.credentials(outside));
    try {
      choices.add(NettyTransport.credentials(outside));
    } catch (LinkageError e) {
      // grpc-netty is optional
    }
    return ChoiceChannelCredentials.create(choices.toArray(ChannelCredentials[]::new));
  }

  /** Null: there are none of ours among them. */
  static @Nullable MeshChannelCredentials in(ChannelCredentials given) {
    if (given instanceof MeshChannelCredentials mine) {
      return mine;
    }
    if (given instanceof ChoiceChannelCredentials choice) {
      for (ChannelCredentials each : choice.getCredentialsList()) {
        MeshChannelCredentials mine = in(each);
        if (mine != null) {
          return mine;
        }
      }
    }
    return null;
  }

  /** For a channel beside the mesh. */
  static ChannelCredentials outside(ChannelCredentials given) {
    MeshChannelCredentials mine = in(given);
    return mine == null ? given : mine.outside;
  }

  @Override
  public ChannelCredentials withoutBearerTokens() {
    return this;
  }
}
