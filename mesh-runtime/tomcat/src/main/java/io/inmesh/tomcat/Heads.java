package io.inmesh.tomcat;

import io.inmesh.http.HeaderNames;
import io.inmesh.http.Headers;
import io.inmesh.http.Protocol;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.jspecify.annotations.Nullable;

/** Heads between Tomcat's form and the mesh's. */
final class Heads {
  private static final LatinBytes LATIN = new LatinBytes();

  private Heads() {}

  static RequestHead request(Request request) {
    MimeHeaders fields = request.getMimeHeaders();
    Headers headers = new Headers(fields.size() + 6);
    String host = null;
    for (int i = 0; i < fields.size(); i++) {
      String name = name(fields.getName(i));
      String value = text(fields.getValue(i));
      if (name.equals("host")) {
        host = value;
      } else {
        headers.add(name, value);
      }
    }
    return new RequestHead(
        request.getMethod(),
        "http",
        host == null ? authority(request) : host,
        path(request),
        headers,
        protocol(request));
  }

  private static String name(MessageBytes name) {
    if (latin(name)) {
      ByteChunk bytes = name.getByteChunk();
      return HeaderNames.lower(bytes.getBuffer(), bytes.getStart(), bytes.getLength());
    }
    return HeaderNames.lower(text(name));
  }

  /** What Tomcat's own conversion says, without its detour over chars. */
  private static String text(MessageBytes value) {
    if (latin(value)) {
      ByteChunk bytes = value.getByteChunk();
      return new String(
          bytes.getBuffer(), bytes.getStart(), bytes.getLength(), StandardCharsets.ISO_8859_1);
    }
    String text = value.toString();
    return text == null ? "" : text;
  }

  private static boolean latin(MessageBytes value) {
    return value.getType() == MessageBytes.T_BYTES
        && !value.getByteChunk().isNull()
        && value.getCharset().equals(StandardCharsets.ISO_8859_1);
  }

  /** HTTP/2 has {@code :authority}, which Tomcat keeps apart. */
  private static String authority(Request request) {
    String name = text(request.serverName());
    int port = request.getServerPort();
    return port > 0 ? name + ":" + port : name;
  }

  private static String path(Request request) {
    String path = text(request.requestURI());
    MessageBytes query = request.queryString();
    return query.isNull() ? path : path + "?" + query;
  }

  private static Protocol protocol(Request request) {
    String text = text(request.protocol());
    return text.startsWith("HTTP/2")
        ? Protocol.HTTP2
        : text.equals("HTTP/1.0") ? Protocol.HTTP10 : Protocol.HTTP11;
  }

  /** Lets the application see the head as the mesh left it. */
  static void apply(RequestHead head, String pathBefore, Request request) {
    MimeHeaders fields = request.getMimeHeaders();
    String host = fields.getHeader("host");
    Headers headers = head.headers();
    fields.recycle();
    if (host != null) {
      fields.addValue("host").setString(host);
    }
    for (int i = 0; i < headers.size(); i++) {
      fields.addValue(headers.name(i)).setString(headers.value(i));
    }
    request.scheme().setString(head.scheme());
    if (!head.path().equals(pathBefore)) {
      String path = head.path();
      int query = path.indexOf('?');
      // as bytes: Tomcat decodes and checks nothing else
      bytes(request.requestURI(), query < 0 ? path : path.substring(0, query));
      if (query < 0) {
        request.queryString().recycle();
      } else {
        bytes(request.queryString(), path.substring(query + 1));
      }
    }
  }

  private static void bytes(MessageBytes to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    to.setBytes(bytes, 0, bytes.length);
    ByteChunk chunk = to.getByteChunk();
    chunk.setCharset(StandardCharsets.UTF_8);
  }

  /**
   * The application's response head.
   *
   * @param whole false: without its headers, which nobody wants to see
   */
  static ResponseHead response(Response response, boolean whole) {
    if (!whole) {
      return new ResponseHead(response.getStatus(), new Headers(3));
    }
    MimeHeaders fields = response.getMimeHeaders();
    Headers headers = new Headers(fields.size() + 5);
    for (int i = 0; i < fields.size(); i++) {
      headers.add(fields.getName(i).toString(), text(fields.getValue(i)));
    }
    String type = response.getContentType();
    if (type != null) {
      headers.set("content-type", type);
    }
    if (response.getContentLengthLong() >= 0) {
      headers.set("content-length", Long.toString(response.getContentLengthLong()));
    }
    return new ResponseHead(response.getStatus(), headers);
  }

  /** Writes the edited head back. */
  static void apply(ResponseHead head, Response response, boolean whole) {
    MimeHeaders fields = response.getMimeHeaders();
    Headers headers = head.headers();
    if (!whole) {
      for (int i = 0; i < headers.size(); i++) {
        fields.removeHeader(headers.name(i));
        add(fields, headers.name(i), headers.value(i));
      }
      return;
    }
    response.setStatus(head.status());
    fields.recycle();
    @Nullable String type = null;
    for (int i = 0; i < headers.size(); i++) {
      if (headers.name(i).equals("content-type")) {
        type = headers.value(i);
      } else if (!headers.name(i).equals("content-length")) {
        add(fields, headers.name(i), headers.value(i));
      }
    }
    response.setContentType(type);
  }

  /** As bytes: what Tomcat would do to write a string costs several times as much. */
  private static void add(MimeHeaders fields, String name, String value) {
    byte[] nameBytes = LATIN.of(name);
    byte[] valueBytes = LATIN.of(value);
    fields.addValue(nameBytes, 0, nameBytes.length).setBytes(valueBytes, 0, valueBytes.length);
  }
}
