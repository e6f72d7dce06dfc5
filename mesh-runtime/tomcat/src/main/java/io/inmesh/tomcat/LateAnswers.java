package io.inmesh.tomcat;

import io.inmesh.driver.Answer;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.coyote.http2.MeshHttp2Protocol;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Answers written beside an application that still has the request: straight to the connection,
 * since the response belongs to the application's thread. HTTP/1.1 connections end with it.
 */
final class LateAnswers {
  private LateAnswers() {}

  static void write(SocketWrapperBase<?> socket, Request request, RequestHead head, Answer answer)
      throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    if (head.protocol() == Protocol.HTTP2) {
      AtomicReference<Object> stream = new AtomicReference<>();
      request.action(ActionCode.PROTOCOL_REQUEST_ID, stream);
      int id = Integer.parseInt(String.valueOf(stream.get()));
      MeshHttp2Protocol.answer(socket, id, fields(answer), body);
    } else {
      byte[] text = text(answer, body.length).getBytes(StandardCharsets.ISO_8859_1);
      socket.write(true, text, 0, text.length);
      if (body.length > 0 && !head.method().equals("HEAD")) {
        socket.write(true, body, 0, body.length);
      }
      socket.flush(true);
      if (socket.getSocket() instanceof MeshChannel channel) {
        channel.finishOutput();
      }
    }
  }

  private static MimeHeaders fields(Answer answer) {
    MimeHeaders fields = new MimeHeaders();
    fields.addValue(":status").setString(Integer.toString(answer.head().status()));
    Headers headers = answer.head().headers();
    for (int i = 0; i < headers.size(); i++) {
      fields.addValue(headers.name(i)).setString(headers.value(i));
    }
    return fields;
  }

  private static String text(Answer answer, int length) {
    StringBuilder text = new StringBuilder(200);
    text.append("HTTP/1.1 ").append(answer.head().status()).append(" \r\n");
    Headers headers = answer.head().headers();
    for (int i = 0; i < headers.size(); i++) {
      if (!headers.name(i).equals("content-length")) {
        text.append(headers.name(i)).append(": ").append(headers.value(i)).append("\r\n");
      }
    }
    text.append("content-length: ").append(length).append("\r\nconnection: close\r\n\r\n");
    return text.toString();
  }
}
