package io.inmesh.spring.boot.apps;

import org.springframework.boot.SpringApplication;

/** Reviews in a JVM of its own. */
public final class LocalReviews {
  private LocalReviews() {}

  public static void main(String[] arguments) {
    SpringApplication.run(Reviews.class, arguments);
  }
}
