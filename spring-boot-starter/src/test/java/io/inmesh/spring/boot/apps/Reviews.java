package io.inmesh.spring.boot.apps;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Serves with Spring MVC. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(Reviews.Controller.class)
public class Reviews {
  /** What it answers, and what it saw of its caller. */
  public record Review(String version, String scheme, String peer, boolean virtualThread) {}

  @RestController
  static class Controller {
    @Value("${reviews.version:v1}")
    String version;

    @GetMapping("/reviews/{id}")
    Review review(HttpServletRequest request) {
      return new Review(
          version,
          request.getScheme(),
          String.valueOf(request.getAttribute("io.inmesh.peer")),
          Thread.currentThread().toString().startsWith("VirtualThread"));
    }

    @PostMapping("/reviews")
    Review add(@RequestBody Review review) {
      return review;
    }

    @GetMapping("/old")
    ResponseEntity<Void> old() {
      return ResponseEntity.status(302).header("location", "/reviews/1").build();
    }

    /** Numbers, until nobody listens any more. */
    @GetMapping("/events")
    SseEmitter events() {
      SseEmitter events = new SseEmitter(0L);
      new Thread(
              () -> {
                try {
                  for (int i = 0; ; i++) {
                    events.send(i);
                    Thread.sleep(10);
                  }
                } catch (Exception e) {
                  events.completeWithError(e);
                }
              })
          .start();
      return events;
    }

    @GetMapping("/admin")
    String admin() {
      return "secret";
    }
  }
}
