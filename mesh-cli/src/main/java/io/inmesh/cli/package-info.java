/**
 * The {@code inmesh} command: one class for each subcommand, and how they print.
 *
 * <p>Knows the admin server's pages by their JSON, and nothing of the runtime that serves them.
 */
@NullMarked
package io.inmesh.cli;

import org.jspecify.annotations.NullMarked;
