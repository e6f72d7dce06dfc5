/** {@code inmesh.local=true}: the applications of this machine are a mesh that nobody starts. */
@org.jspecify.annotations.NullMarked
package io.inmesh.spring.boot.local;
