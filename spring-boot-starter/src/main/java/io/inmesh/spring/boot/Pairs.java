package io.inmesh.spring.boot;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A map that may also be given as one text, as everywhere else where Inmesh is set: {@code
 * app=reviews,version=v1}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@interface Pairs {
  /** Between name and value. */
  String value();
}
