package io.inmesh.controlplane;

import io.inmesh.controlplane.config.MeshConfig;
import io.inmesh.controlplane.config.MeshObject;
import io.inmesh.controlplane.config.ServiceAccount;
import io.inmesh.controlplane.config.ServiceEntry;
import io.inmesh.controlplane.config.Workload;
import io.inmesh.controlplane.config.WorkloadEntry;
import java.util.LinkedHashSet;
import java.util.Set;

/** The service accounts that the configuration names, each of which gets a token file. */
final class ServiceAccounts {
  private ServiceAccounts() {}

  record Account(String namespace, String name) {}

  static Set<Account> of(MeshConfig config) {
    Set<Account> accounts = new LinkedHashSet<>();
    for (MeshObject object : config.objects()) {
      String namespace = object.meta().namespace();
      if (object instanceof ServiceAccount account) {
        accounts.add(new Account(namespace, account.meta().name()));
      } else if (object instanceof WorkloadEntry entry) {
        add(accounts, namespace, entry.workload());
      } else if (object instanceof ServiceEntry entry) {
        entry.endpoints().forEach(workload -> add(accounts, namespace, workload));
      }
    }
    return accounts;
  }

  private static void add(Set<Account> accounts, String namespace, Workload workload) {
    if (!workload.serviceAccount().isEmpty()) {
      accounts.add(new Account(namespace, workload.serviceAccount()));
    }
  }
}
