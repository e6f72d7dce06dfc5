package shop.reviews;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Reviews of books, by WebFlux. Nothing here knows of a mesh. */
@SpringBootApplication
@RestController
public class Reviews {
  record Review(String book, String text, String version) {}

  @Value("${shop.version}")
  String version;

  public static void main(String[] arguments) {
    SpringApplication.run(Reviews.class, arguments);
  }

  @GetMapping("/reviews/{book}")
  Mono<Review> review(@PathVariable String book) {
    return Mono.just(new Review(book, version.equals("v2") ? "★★★★★" : "good", version));
  }

  @GetMapping("/drafts")
  Mono<String> drafts() {
    return Mono.just("for editors only");
  }
}
