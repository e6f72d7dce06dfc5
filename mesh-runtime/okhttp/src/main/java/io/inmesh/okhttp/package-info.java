/**
 * The OkHttp adapter: puts a mesh under an application's OkHttpClient. Translates heads, moves
 * bytes, decides nothing. Knows the seam ({@code call}, {@code driver}, {@code runtime}) and
 * OkHttp's public API.
 */
@NullMarked
package io.inmesh.okhttp;

import org.jspecify.annotations.NullMarked;
