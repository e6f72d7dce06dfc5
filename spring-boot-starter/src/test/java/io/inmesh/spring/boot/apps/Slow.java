package io.inmesh.spring.boot.apps;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers when it is told to. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(Slow.Controller.class)
public class Slow {
  /** Between a request and its answer. */
  public record Gate(CountDownLatch entered, CountDownLatch release) {}

  @Bean
  Gate gate() {
    return new Gate(new CountDownLatch(1), new CountDownLatch(1));
  }

  @RestController
  static class Controller {
    private final Gate gate;

    Controller(Gate gate) {
      this.gate = gate;
    }

    @GetMapping("/fast")
    String fast() {
      return "at once";
    }

    @GetMapping("/slow")
    String slow() throws InterruptedException {
      gate.entered().countDown();
      gate.release().await(30, TimeUnit.SECONDS);
      return "finished";
    }
  }
}
