/**
 * The java.net.http adapter: a subclass of the JDK's HttpClient that runs on the OkHttp engine,
 * since the JDK's own cannot be intercepted. Translates requests, bodies and what the JDK does
 * above a call (redirects, cookies, authentication); decides nothing. Knows OkHttp and
 * inmesh-okhttp.
 */
@NullMarked
package io.inmesh.javahttp;

import org.jspecify.annotations.NullMarked;
