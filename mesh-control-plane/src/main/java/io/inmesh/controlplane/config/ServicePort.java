package io.inmesh.controlplane.config;

/** A port of a service and where its workloads listen unless they say otherwise. */
public record ServicePort(int number, String name, Protocol protocol, int targetPort) {}
