package io.inmesh.spring.boot;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;

/** Text to {@link Pairs}. */
final class PairsConverter implements ConditionalGenericConverter {
  @Override
  public boolean matches(TypeDescriptor from, TypeDescriptor to) {
    return to.hasAnnotation(Pairs.class);
  }

  @Override
  public Set<ConvertiblePair> getConvertibleTypes() {
    return Set.of(new ConvertiblePair(String.class, Map.class));
  }

  @Override
  public Object convert(@Nullable Object source, TypeDescriptor from, TypeDescriptor to) {
    String between = Objects.requireNonNull(to.getAnnotation(Pairs.class)).value();
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : String.valueOf(source).split(",")) {
      if (!pair.isBlank()) {
        int at = pair.indexOf(between);
        if (at <= 0) {
          throw new IllegalArgumentException(
              "expected name" + between + "value, separated by commas, found: " + pair.strip());
        }
        pairs.put(pair.substring(0, at).strip(), pair.substring(at + 1).strip());
      }
    }
    return pairs;
  }
}
