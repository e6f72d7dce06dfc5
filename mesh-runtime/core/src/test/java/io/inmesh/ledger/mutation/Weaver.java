package io.inmesh.ledger.mutation;

import com.google.protobuf.Any;
import java.io.File;
import java.io.IOException;
import java.util.Collection;
import java.util.TreeSet;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/** Writes changed copies of message builders: each asks {@link FieldSwitch} before it builds. */
final class Weaver {
  private Weaver() {}

  static void weave(Collection<FieldSwitch.Pattern> patterns, File directory)
      throws IOException, ClassNotFoundException {
    TreeSet<String> builders = new TreeSet<>();
    for (FieldSwitch.Pattern pattern : patterns) {
      builders.add(pattern.field() == null ? Any.Builder.class.getName() : pattern.builder());
    }
    for (String builder : builders) {
      Class<?> original = Class.forName(builder, false, Weaver.class.getClassLoader());
      new ByteBuddy()
          .redefine(original)
          .visit(Advice.to(BeforeBuilding.class).on(ElementMatchers.named("buildPartial")))
          .make()
          .saveIn(directory);
    }
  }

  /** Copied into each {@code buildPartial}. */
  static final class BeforeBuilding {
    private BeforeBuilding() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.This Object builder) {
      FieldSwitch.apply(builder);
    }
  }
}
