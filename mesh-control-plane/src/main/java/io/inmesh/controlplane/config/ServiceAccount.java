package io.inmesh.controlplane.config;

/** core/v1 ServiceAccount: only makes a token file. */
public record ServiceAccount(ObjectMeta meta) implements MeshObject {}
