package io.inmesh.spring.boot;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** For {@link ConditionalOnMesh}. */
final class OnMeshCondition extends SpringBootCondition {
  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    ConditionMessage.Builder message = ConditionMessage.forCondition(ConditionalOnMesh.class);
    return context.getEnvironment().getProperty("inmesh.enabled", Boolean.class, true)
        ? ConditionOutcome.match(message.because("inmesh.enabled is not false"))
        : ConditionOutcome.noMatch(message.because("inmesh.enabled is false: nothing is meshed"));
  }
}
