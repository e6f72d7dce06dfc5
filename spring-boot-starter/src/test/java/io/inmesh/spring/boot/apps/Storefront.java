package io.inmesh.spring.boot.apps;

import io.inmesh.spring.boot.apps.Reviews.Review;
import java.net.http.HttpClient;
import okhttp3.OkHttpClient;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.ImportHttpServices;

/** Calls reviews in every way that Spring Boot offers. */
@SpringBootConfiguration
@EnableAutoConfiguration
@ImportHttpServices(group = "reviews", types = Storefront.ReviewsService.class)
public class Storefront {
  public static final String REVIEWS = "http://reviews.shop:8080";

  /** A client that is an interface. */
  public interface ReviewsService {
    @GetExchange("/reviews/{id}")
    Review review(@PathVariable int id);
  }

  @Bean
  RestClient reviews(RestClient.Builder builder) {
    return builder.baseUrl(REVIEWS).build();
  }

  @Bean
  WebClient reactive(WebClient.Builder builder) {
    return builder.baseUrl(REVIEWS).build();
  }

  @Bean
  RestTemplate template(RestTemplateBuilder builder) {
    return builder.build();
  }

  @Bean
  HttpClient javaHttp() {
    return HttpClient.newHttpClient();
  }

  @Bean
  OkHttpClient okHttp() {
    return new OkHttpClient();
  }
}
