package io.inmesh.tomcat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Just enough HTTP/2 to send what no client library would, and see the first answer to it. */
final class Http2Frames {
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int GOAWAY = 7;
  private static final int END_STREAM_AND_HEADERS = 5;
  private static final int INDEXED = 0x80;
  private static final String AUTHORITY = "reviews.shop:8080";

  private final DataInputStream in;
  private final OutputStream out;

  Http2Frames(Socket socket) throws IOException {
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(4, 0, 0, new byte[0]);
  }

  void get(int stream, String scheme) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(INDEXED | 2); // :method GET
    block.write(INDEXED | (scheme.equals("https") ? 7 : 6)); // :scheme
    block.write(INDEXED | 4); // :path /
    block.write(1); // :authority, a literal
    block.write(AUTHORITY.length());
    block.writeBytes(AUTHORITY.getBytes(StandardCharsets.US_ASCII));
    frame(HEADERS, END_STREAM_AND_HEADERS, stream, block.toByteArray());
  }

  /** The type of the first frame that is HEADERS, RST_STREAM or GOAWAY. */
  int answer() throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.readUnsignedByte();
      in.readInt();
      in.readFully(new byte[length]);
      if (type == HEADERS || type == RST_STREAM || type == GOAWAY) {
        return type;
      }
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    frame.writeBytes(new byte[] {0, 0, (byte) (stream >> 8), (byte) stream});
    frame.writeBytes(payload);
    out.write(frame.toByteArray());
    out.flush();
  }
}
