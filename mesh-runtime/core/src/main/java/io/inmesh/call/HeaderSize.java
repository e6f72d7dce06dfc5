package io.inmesh.call;

import io.inmesh.config.HttpOptions;
import io.inmesh.filter.LocalReply;
import io.inmesh.http.Headers;
import io.inmesh.http.RequestHead;
import io.inmesh.http.ResponseFlag;

/** {@code max_request_headers_kb}: names and values as they came, with method, host and path. */
final class HeaderSize {
  static final LocalReply REFUSAL =
      LocalReply.of(431, "Request Header Fields Too Large", "request_headers_too_large")
          .with(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);

  private HeaderSize() {}

  static boolean exceeds(RequestHead head, HttpOptions options) {
    long size = (long) head.method().length() + head.authority().length() + head.path().length();
    Headers headers = head.headers();
    for (int i = 0; i < headers.size(); i++) {
      size += headers.name(i).length() + headers.value(i).length();
    }
    return size > options.maxRequestHeadersKb() * 1024L;
  }
}
