package io.inmesh.spring.boot.apps;

import io.inmesh.spring.boot.apps.Reviews.Review;
import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The same with WebFlux; run it with {@code spring.main.web-application-type=reactive}. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(ReactiveReviews.Controller.class)
public class ReactiveReviews {
  @RestController
  static class Controller {
    @Value("${reviews.version:v1}")
    String version;

    private final WebClient client;

    Controller(WebClient.Builder builder) {
      client = builder.build();
    }

    @GetMapping("/reviews/{id}")
    Mono<Review> review(
        ServerHttpRequest request, @RequestHeader("x-forwarded-client-cert") String certificate) {
      return Mono.just(
          new Review(
              version,
              request.getURI().getScheme(),
              certificate.replaceAll(".*URI=", ""),
              Thread.currentThread().getName().startsWith("reactor-http")));
    }

    @PostMapping("/reviews")
    Mono<Review> add(@RequestBody Mono<Review> review) {
      return review;
    }

    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<Long> events() {
      return Flux.interval(Duration.ofMillis(10)).onBackpressureDrop();
    }

    /** Asks another one, for whoever asks here. */
    @GetMapping("/onward")
    Mono<Map<String, String>> onward(@RequestHeader("x-request-id") String id) {
      return client
          .get()
          .uri(Storefront.REVIEWS + "/request-id")
          .retrieve()
          .bodyToMono(String.class)
          .map(theirs -> Map.of("here", id, "there", theirs));
    }

    @GetMapping("/request-id")
    Mono<String> requestId(@RequestHeader("x-request-id") String id) {
      return Mono.just(id);
    }

    @GetMapping("/admin")
    Mono<String> admin() {
      return Mono.just("secret");
    }
  }
}
