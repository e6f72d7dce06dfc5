package io.inmesh.controlplane.identity;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.WireFormat;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Istio's certificate API, {@code istio.v1.auth.IstioCertificateService/CreateCertificate}. Its two
 * messages have four fields, so they are read and written by hand instead of generated.
 */
public final class CertificateService implements BindableService {
  private static final Logger log = LoggerFactory.getLogger("io.inmesh.controlplane.identity");
  static final String SERVICE = "istio.v1.auth.IstioCertificateService";

  /** {@code csr = 1, validity_duration = 3 (seconds), metadata = 4}. */
  record Request(String csr, long validitySeconds, Struct metadata) {}

  /** {@code cert_chain = 1}: leaf first, root last. */
  record Response(List<String> chain) {}

  static final MethodDescriptor<Request, Response> CREATE =
      MethodDescriptor.<Request, Response>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "CreateCertificate"))
          .setRequestMarshaller(new RequestMarshaller())
          .setResponseMarshaller(new ResponseMarshaller())
          .build();

  private final CertificateAuthority authority;

  public CertificateService(CertificateAuthority authority) {
    this.authority = authority;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(CREATE, ServerCalls.asyncUnaryCall(this::create))
        .build();
  }

  private void create(Request request, StreamObserver<Response> answer) {
    SpiffeId caller = CallerIdentity.current();
    if (request.metadata().containsFields("ImpersonatedIdentity")) {
      answer.onError(
          Status.UNAUTHENTICATED
              .withDescription("request impersonation authentication failure")
              .asRuntimeException());
      return;
    }
    try {
      Response response =
          new Response(authority.sign(request.csr(), request.validitySeconds(), caller));
      log.atInfo().addKeyValue("identity", caller).log("certificate issued");
      answer.onNext(response);
      answer.onCompleted();
    } catch (CertificateAuthority.BadRequest e) {
      log.atWarn().addKeyValue("identity", caller).log("certificate refused: {}", e.getMessage());
      answer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
    } catch (GeneralSecurityException | IOException e) {
      log.atError()
          .addKeyValue("identity", caller)
          .setCause(e)
          .log("certificate could not be made");
      answer.onError(
          Status.INTERNAL
              .withDescription("the certificate could not be made")
              .asRuntimeException());
    }
  }

  private static final class RequestMarshaller implements MethodDescriptor.Marshaller<Request> {
    @Override
    public InputStream stream(Request request) {
      return write(
          out -> {
            out.writeString(1, request.csr());
            out.writeInt64(3, request.validitySeconds());
            out.writeMessage(4, request.metadata());
          });
    }

    @Override
    public Request parse(InputStream stream) {
      String csr = "";
      long validity = 0;
      Struct metadata = Struct.getDefaultInstance();
      try {
        CodedInputStream in = CodedInputStream.newInstance(stream);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          switch (tag) {
            case (1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                csr = in.readStringRequireUtf8();
            case (3 << 3) | WireFormat.WIRETYPE_VARINT -> validity = in.readInt64();
            case (4 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
                metadata = Struct.parseFrom(in.readByteArray());
            default -> in.skipField(tag);
          }
        }
      } catch (IOException e) {
        throw unreadable(e);
      }
      return new Request(csr, validity, metadata);
    }
  }

  private static final class ResponseMarshaller implements MethodDescriptor.Marshaller<Response> {
    @Override
    public InputStream stream(Response response) {
      return write(
          out -> {
            for (String certificate : response.chain()) {
              out.writeString(1, certificate);
            }
          });
    }

    @Override
    public Response parse(InputStream stream) {
      List<String> chain = new ArrayList<>();
      try {
        CodedInputStream in = CodedInputStream.newInstance(stream);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          if (tag == ((1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
            chain.add(in.readStringRequireUtf8());
          } else {
            in.skipField(tag);
          }
        }
      } catch (IOException e) {
        throw unreadable(e);
      }
      return new Response(chain);
    }
  }

  private interface Writer {
    void write(CodedOutputStream out) throws IOException;
  }

  private static InputStream write(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      writer.write(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private static RuntimeException unreadable(IOException e) {
    String what =
        e instanceof InvalidProtocolBufferException
            ? "the message is not readable"
            : "reading failed";
    return Status.INTERNAL.withDescription(what).withCause(e).asRuntimeException();
  }
}
