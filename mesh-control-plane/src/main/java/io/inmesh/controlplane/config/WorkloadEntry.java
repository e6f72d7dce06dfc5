package io.inmesh.controlplane.config;

/** networking.istio.io WorkloadEntry. */
public record WorkloadEntry(ObjectMeta meta, Workload workload) implements MeshObject {}
