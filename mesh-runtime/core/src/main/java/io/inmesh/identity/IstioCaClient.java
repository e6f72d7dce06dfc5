package io.inmesh.identity;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.inmesh.proto.istio.v1.auth.IstioCertificateRequest;
import io.inmesh.proto.istio.v1.auth.IstioCertificateResponse;
import io.inmesh.proto.istio.v1.auth.IstioCertificateServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One call of {@code CreateCertificate}, on a connection of its own: there is one in hours. */
final class IstioCaClient {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CLUSTER_ID =
      Metadata.Key.of("clusterid", Metadata.ASCII_STRING_MARSHALLER);

  private final IstioCaConfig config;

  IstioCaClient(IstioCaConfig config) {
    this.config = config;
  }

  /**
   * @param current the identity in use, which authenticates while it is valid; null if none
   * @throws IOException if no call can be made: a file that is missing
   */
  CompletableFuture<List<String>> sign(
      String request, @Nullable WorkloadIdentity current, Instant now) throws IOException {
    boolean shown = current != null && current.valid(now);
    Metadata metadata = new Metadata();
    metadata.put(CLUSTER_ID, config.clusterId());
    String token = token(shown);
    if (token != null) {
      metadata.put(AUTHORIZATION, "Bearer " + token);
    }
    ManagedChannel channel = channel(shown ? current : null);
    CompletableFuture<List<String>> answer = new CompletableFuture<>();
    answer.whenComplete((entries, failure) -> channel.shutdownNow());
    ClientCalls.asyncUnaryCall(
        io.grpc.ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(metadata))
            .newCall(
                IstioCertificateServiceGrpc.getCreateCertificateMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(
                    config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)),
        IstioCertificateRequest.newBuilder()
            .setCsr(request)
            .setValidityDuration(config.lifetime().toSeconds())
            .build(),
        new StreamObserver<IstioCertificateResponse>() {
          @Override
          public void onNext(IstioCertificateResponse response) {
            answer.complete(List.copyOf(response.getCertChainList()));
          }

          @Override
          public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            answer.completeExceptionally(
                Status.INTERNAL.withDescription("the CA sent no answer").asRuntimeException());
          }
        });
    return answer;
  }

  private @Nullable String token(boolean certificateShown) throws IOException {
    if (config.tokenFile() == null) {
      return null;
    }
    try {
      return BearerToken.read(config.tokenFile());
    } catch (IOException e) {
      if (certificateShown) {
        return null; // the certificate is enough
      }
      throw e;
    }
  }

  private ManagedChannel channel(@Nullable WorkloadIdentity shown) throws IOException {
    byte[] roots;
    try {
      roots = Files.readAllBytes(config.rootsFile());
    } catch (IOException e) {
      throw new IOException(
          "roots for the CA's own certificate cannot be read: " + config.rootsFile(), e);
    }
    TlsChannelCredentials.Builder tls =
        TlsChannelCredentials.newBuilder().trustManager(new ByteArrayInputStream(roots));
    if (shown != null) {
      tls.keyManager(new IdentityKeyManager(shown));
    }
    ChannelCredentials credentials = tls.build();
    ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(config.address(), credentials);
    if (config.serverName() != null) {
      builder.overrideAuthority(config.serverName());
    }
    return builder.build();
  }
}
