package io.inmesh.servlet;

import io.inmesh.driver.ServedCall;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;

/** Tells the call when an asynchronous response is over. */
final class EndOfAsync implements AsyncListener {
  private final ServedCall served;
  private final MeshResponse response;

  EndOfAsync(ServedCall served, MeshResponse response) {
    this.served = served;
    this.response = response;
  }

  @Override
  public void onComplete(AsyncEvent event) throws IOException {
    if (response.headPassed()) {
      served.end(null);
    } else {
      served.gone();
    }
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    // the application or the container answers; onComplete follows
  }

  @Override
  public void onError(AsyncEvent event) {
    served.failed("the asynchronous request failed");
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }
}
