package io.inmesh.controlplane.config;

/** One object of the configuration directory. */
public sealed interface MeshObject
    permits ServiceEntry,
        Sidecar,
        WorkloadEntry,
        VirtualService,
        DestinationRule,
        PeerAuthentication,
        AuthorizationPolicy,
        ServiceAccount {

  ObjectMeta meta();
}
