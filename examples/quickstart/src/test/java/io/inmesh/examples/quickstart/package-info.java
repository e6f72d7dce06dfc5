/** The quickstart, run as a user runs it: as a process, read from its output. */
@NullMarked
package io.inmesh.examples.quickstart;

import org.jspecify.annotations.NullMarked;
