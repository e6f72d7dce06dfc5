package io.inmesh.okhttp;

import io.inmesh.conformance.ClientContract;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.runtime.MeshServices;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** The OkHttp adapter passes the contract of all client adapters. */
class OkHttpContractTest extends ClientContract {
  @Override
  protected ClientUnderTest client(MeshServices services) {
    Dispatcher dispatcher = new Dispatcher();
    dispatcher.setMaxRequests(100);
    dispatcher.setMaxRequestsPerHost(100);
    OkHttpClient application = new OkHttpClient.Builder().dispatcher(dispatcher).build();
    return new OkHttpClientUnderTest(new OkHttpAdapter().wrap(application, services));
  }
}
