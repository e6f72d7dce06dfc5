package io.inmesh.controlplane.identity;

import com.google.protobuf.Struct;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import java.security.KeyPair;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Asks for certificates as Istio's agent does. */
public final class CertificateClient {
  private CertificateClient() {}

  public static KeyPair key() throws Exception {
    return Keys.newEcKey();
  }

  public static List<String> sign(
      ManagedChannel channel, CallCredentials credentials, KeyPair key, long seconds)
      throws Exception {
    var request =
        new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=ignored"), key.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()));
    return sign(channel, credentials, Keys.pem(request), seconds);
  }

  public static List<String> sign(
      ManagedChannel channel, CallCredentials credentials, String csr, long seconds) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
    return ClientCalls.blockingUnaryCall(
            channel,
            CertificateService.CREATE,
            credentials == null ? options : options.withCallCredentials(credentials),
            new CertificateService.Request(csr, seconds, Struct.getDefaultInstance()))
        .chain();
  }
}
