/** Says what to do when an application cannot start because of the mesh. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.diagnostics;
