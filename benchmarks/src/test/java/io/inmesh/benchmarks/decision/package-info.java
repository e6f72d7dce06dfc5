@NullMarked
package io.inmesh.benchmarks.decision;

import org.jspecify.annotations.NullMarked;
