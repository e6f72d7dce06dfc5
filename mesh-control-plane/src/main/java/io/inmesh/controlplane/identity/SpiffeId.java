package io.inmesh.controlplane.identity;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>}. */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {
  private static final Pattern FORM =
      Pattern.compile("spiffe://([a-z0-9._-]{1,255})/ns/([A-Za-z0-9._-]+)/sa/([A-Za-z0-9._-]+)");

  static @Nullable SpiffeId parse(String uri) {
    Matcher matcher = FORM.matcher(uri);
    return matcher.matches()
        ? new SpiffeId(matcher.group(1), matcher.group(2), matcher.group(3))
        : null;
  }

  @Override
  public String toString() {
    return "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }
}
