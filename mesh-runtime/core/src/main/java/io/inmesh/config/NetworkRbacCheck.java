package io.inmesh.config;

import io.inmesh.proto.envoy.config.rbac.v3.Permission;
import io.inmesh.proto.envoy.config.rbac.v3.Policy;
import io.inmesh.proto.envoy.config.rbac.v3.Principal;

/** A connection has no headers: Envoy refuses network rules that ask for them, and so do we. */
final class NetworkRbacCheck {
  private NetworkRbacCheck() {}

  static void check(Policy policy) {
    policy.getPermissionsList().forEach(NetworkRbacCheck::check);
    policy.getPrincipalsList().forEach(NetworkRbacCheck::check);
  }

  private static void check(Permission rule) {
    rule.getAndRules().getRulesList().forEach(NetworkRbacCheck::check);
    rule.getOrRules().getRulesList().forEach(NetworkRbacCheck::check);
    if (rule.hasNotRule()) {
      check(rule.getNotRule());
    }
    refuse(rule.hasHeader());
  }

  private static void check(Principal id) {
    id.getAndIds().getIdsList().forEach(NetworkRbacCheck::check);
    id.getOrIds().getIdsList().forEach(NetworkRbacCheck::check);
    if (id.hasNotId()) {
      check(id.getNotId());
    }
    refuse(id.hasHeader());
  }

  private static void refuse(boolean header) {
    if (header) {
      throw new ConfigException("header", "a network filter cannot match headers");
    }
  }
}
