package io.inmesh.spring.boot.client;

import io.inmesh.Mesh;
import io.inmesh.conformance.ClientContract;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.runtime.MeshServices;
import io.inmesh.spring.boot.MeshAutoConfiguration;
import io.inmesh.spring.boot.ServicesMesh;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.web.client.RestClient;

/** A RestClient of Boot's builder passes the contract of all client adapters. */
class RestClientContractTest extends ClientContract {
  @Override
  protected ClientUnderTest client(MeshServices services) {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.registerBean(Mesh.class, () -> new ServicesMesh(services));
    context.register(
        MeshAutoConfiguration.class,
        MeshClientAutoConfiguration.class,
        HttpClientAutoConfiguration.class,
        ImperativeHttpClientAutoConfiguration.class,
        RestClientAutoConfiguration.class);
    context.refresh();
    RestClient client = context.getBean(RestClient.Builder.class).build();
    return new RestClientUnderTest(client, context);
  }
}
