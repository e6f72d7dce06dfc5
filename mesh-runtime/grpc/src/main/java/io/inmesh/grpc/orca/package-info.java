/**
 * ORCA load reports of gRPC servers, by the classes of grpc-xds, which the application brings.
 * Knows grpc-java alone: what becomes of reports is decided by those who get them.
 */
@NullMarked
package io.inmesh.grpc.orca;

import org.jspecify.annotations.NullMarked;
