package io.inmesh.xds;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one response changes. Names in it are wanted ones: what was unsubscribed in the meantime is
 * left out.
 *
 * @param type the type of every resource here
 * @param resources new, or with another body than the one last accepted under that name
 * @param unchanged names that were sent again with the body that is already in use (istiod sends
 *     full lists); nothing to do
 * @param removed names that do not exist, or do so no more; a subscription to such a name stays and
 *     may bring it later
 * @param errors names that the control plane could not serve, with its reason ({@code
 *     resource_errors}, gRFC A88); what is held under such a name stays in use
 * @param systemVersion {@code system_version_info}: for people
 * @param fullState this is the whole of a wildcard type: what is neither in {@code resources} nor
 *     in {@code unchanged} does not exist (the difference to what was held is in {@code removed}
 *     already)
 */
public record Update(
    TypeUrl type,
    List<XdsResource> resources,
    Set<String> unchanged,
    Set<String> removed,
    Map<String, String> errors,
    String systemVersion,
    boolean fullState) {
  public Update {
    resources = List.copyOf(resources);
    unchanged = Set.copyOf(unchanged);
    removed = Set.copyOf(removed);
    errors = Map.copyOf(errors);
  }

  boolean saysNothing() {
    return resources.isEmpty()
        && unchanged.isEmpty()
        && removed.isEmpty()
        && errors.isEmpty()
        && !fullState;
  }
}
