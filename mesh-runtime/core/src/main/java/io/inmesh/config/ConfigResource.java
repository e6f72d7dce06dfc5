package io.inmesh.config;

import com.google.protobuf.ByteString;

/** A resource as it came over xDS: its name and the serialized message. */
public record ConfigResource(String name, ByteString message) {}
