package shop.storefront;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.ImportHttpServices;

/** What customers see, by Spring MVC; asks reviews. Nothing here knows of a mesh. */
@SpringBootApplication
@ImportHttpServices(group = "reviews", types = Storefront.Reviews.class)
@RestController
public class Storefront {
  public record Review(String book, String text, String version) {}

  /** Where it is: {@code spring.http.serviceclient.reviews.base-url}. */
  public interface Reviews {
    @GetExchange("/reviews/{book}")
    Review of(@PathVariable String book);
  }

  private final Reviews reviews;
  private final RestClient client;

  Storefront(Reviews reviews, RestClient.Builder builder) {
    this.reviews = reviews;
    this.client = builder.build();
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Storefront.class, arguments);
  }

  @GetMapping("/books/{book}")
  String book(@PathVariable String book) {
    Review review = reviews.of(book);
    return review.book() + ": " + review.text() + " (reviews " + review.version() + ")\n";
  }

  /** Of what it is not allowed to see, it gets the refusal. */
  @GetMapping("/drafts")
  ResponseEntity<String> drafts() {
    try {
      return ResponseEntity.ok(
          client.get().uri("http://reviews/drafts").retrieve().body(String.class));
    } catch (RestClientResponseException e) {
      return ResponseEntity.status(e.getStatusCode()).body(e.getResponseBodyAsString() + "\n");
    }
  }

  /** Around the mesh: a client that Spring Boot has not made. */
  @GetMapping("/around/{port}")
  String around(@PathVariable int port) {
    try {
      return RestClient.create()
          .get()
          .uri("http://127.0.0.1:" + port + "/reviews/1984")
          .retrieve()
          .body(String.class);
    } catch (RestClientException e) {
      return "refused: " + e.getMostSpecificCause() + "\n";
    }
  }
}
