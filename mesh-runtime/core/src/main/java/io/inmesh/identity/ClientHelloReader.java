package io.inmesh.identity;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a ClientHello (RFC 8446, 4.1.2), which may be cut into several records. */
final class ClientHelloReader {
  private static final int HANDSHAKE_RECORD = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int RECORD_HEADER = 5;
  private static final int MAX_RECORD = (1 << 14) + 256;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int RANDOM = 32;

  private ClientHelloReader() {}

  static ClientHello read(ByteBuffer received) {
    ByteBuffer in = received.duplicate();
    if (!in.hasRemaining()) {
      return ClientHello.INCOMPLETE;
    }
    if (in.get(in.position()) != HANDSHAKE_RECORD) {
      return ClientHello.PLAINTEXT;
    }
    // Lengths first, so that a hello in many small segments is not copied for each of them.
    int available = 0;
    int wanted = -1;
    int first = in.position();
    int at = first;
    byte[] head = new byte[4];
    while (wanted < 0 || available < wanted) {
      if (in.limit() - at < RECORD_HEADER) {
        return looksWrong(in, at) ? ClientHello.MALFORMED : ClientHello.INCOMPLETE;
      }
      int length = (in.get(at + 3) & 0xff) << 8 | in.get(at + 4) & 0xff;
      if (looksWrong(in, at) || length == 0 || length > MAX_RECORD) {
        return ClientHello.MALFORMED;
      }
      int present = Math.min(length, in.limit() - at - RECORD_HEADER);
      for (int i = 0; i < present && available + i < head.length; i++) {
        head[available + i] = in.get(at + RECORD_HEADER + i);
      }
      available += present;
      if (available >= 1 && head[0] != CLIENT_HELLO) {
        return ClientHello.MALFORMED;
      }
      if (available >= head.length) {
        wanted = head.length + ((head[1] & 0xff) << 16 | (head[2] & 0xff) << 8 | head[3] & 0xff);
        if (wanted > ClientHello.MAX_BYTES) {
          return ClientHello.MALFORMED;
        }
      }
      if (present < length && (wanted < 0 || available < wanted)) {
        return ClientHello.INCOMPLETE;
      }
      at += RECORD_HEADER + present;
    }
    return parse(message(in, first, wanted));
  }

  private static boolean looksWrong(ByteBuffer in, int at) {
    return in.limit() > at && in.get(at) != HANDSHAKE_RECORD
        || in.limit() > at + 1 && in.get(at + 1) != 3;
  }

  private static ByteBuffer message(ByteBuffer in, int first, int wanted) {
    ByteBuffer message = ByteBuffer.allocate(wanted);
    int at = first;
    while (message.hasRemaining()) {
      int length = (in.get(at + 3) & 0xff) << 8 | in.get(at + 4) & 0xff;
      ByteBuffer record = in.duplicate();
      record.position(at + RECORD_HEADER);
      record.limit(at + RECORD_HEADER + Math.min(length, message.remaining()));
      message.put(record);
      at += RECORD_HEADER + length;
    }
    return message.flip();
  }

  private static ClientHello parse(ByteBuffer message) {
    try {
      message.position(4 + 2 + RANDOM); // type and length, version, random
      skip(message, message.get() & 0xff); // session id
      skip(message, message.getShort() & 0xffff); // cipher suites
      skip(message, message.get() & 0xff); // compression methods
      String sni = null;
      List<String> alpn = List.of();
      if (message.hasRemaining()) {
        ByteBuffer extensions = slice(message, message.getShort() & 0xffff);
        while (extensions.hasRemaining()) {
          int type = extensions.getShort() & 0xffff;
          ByteBuffer body = slice(extensions, extensions.getShort() & 0xffff);
          if (type == SERVER_NAME) {
            sni = serverName(body);
          } else if (type == ALPN) {
            alpn = protocols(body);
          }
        }
      }
      return new ClientHello(ClientHello.Kind.TLS, sni, alpn);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return ClientHello.MALFORMED;
    }
  }

  private static @Nullable String serverName(ByteBuffer body) {
    ByteBuffer names = slice(body, body.getShort() & 0xffff);
    while (names.hasRemaining()) {
      int type = names.get();
      String name = text(names, names.getShort() & 0xffff);
      if (type == 0) {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }

  private static List<String> protocols(ByteBuffer body) {
    ByteBuffer names = slice(body, body.getShort() & 0xffff);
    List<String> found = new ArrayList<>();
    while (names.hasRemaining()) {
      found.add(text(names, names.get() & 0xff));
    }
    return found;
  }

  private static String text(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static void skip(ByteBuffer in, int length) {
    slice(in, length);
  }

  private static ByteBuffer slice(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return part;
  }
}
