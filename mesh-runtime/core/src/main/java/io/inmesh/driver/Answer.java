package io.inmesh.driver;

import io.inmesh.http.Headers;
import io.inmesh.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * What the mesh itself answers a request with.
 *
 * @param body UTF-8 text, may be empty
 */
public record Answer(ResponseHead head, String body, @Nullable Headers trailers) {}
