/**
 * The two drivers of a call, written once: blocking (the caller's thread) and serial (an event
 * loop), and what servers that give each request a thread run the serial one by. Move bodies, keep
 * time, wake calls; decide nothing.
 */
@NullMarked
package io.inmesh.driver;

import org.jspecify.annotations.NullMarked;
