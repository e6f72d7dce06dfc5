@NullMarked
package io.inmesh.benchmarks.performance;

import org.jspecify.annotations.NullMarked;
