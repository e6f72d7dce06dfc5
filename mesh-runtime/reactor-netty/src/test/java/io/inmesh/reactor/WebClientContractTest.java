package io.inmesh.reactor;

import io.inmesh.conformance.ClientContract;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.runtime.MeshServices;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

/** The whole client contract, by WebClient. */
@ExtendWith(NoLeaks.class)
class WebClientContractTest extends ClientContract {
  @Override
  protected ClientUnderTest client(MeshServices services) {
    ClientHttpConnector connector =
        new ClientHttpConnectorAdapter().wrap(new ReactorClientHttpConnector(), services);
    return new WebClientUnderTest(
        WebClient.builder()
            .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(16 << 20))
            .clientConnector(connector)
            .build());
  }
}
