/**
 * The README's first command: {@link io.inmesh.examples.quickstart.Reviews} and {@link
 * io.inmesh.examples.quickstart.Storefront} are the application, everything else starts them, edits
 * their mesh and looks at what happens. Knows the public API of Inmesh only.
 */
@NullMarked
package io.inmesh.examples.quickstart;

import org.jspecify.annotations.NullMarked;
