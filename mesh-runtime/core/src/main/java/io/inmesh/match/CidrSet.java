package io.inmesh.match;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ranges of which one must hold the address. */
public record CidrSet(List<Cidr> ranges) {
  public CidrSet {
    ranges = List.copyOf(ranges);
  }

  public boolean contains(@Nullable IpAddress address) {
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).contains(address)) {
        return true;
      }
    }
    return false;
  }
}
