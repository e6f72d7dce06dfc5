package io.inmesh.conformance.serial;

import io.inmesh.conformance.ClientContract;
import io.inmesh.conformance.ClientUnderTest;
import io.inmesh.runtime.MeshServices;

/** The whole client contract, on an event loop. */
class SerialClientContractTest extends ClientContract {
  @Override
  protected ClientUnderTest client(MeshServices services) {
    return new SerialClient(services);
  }
}
