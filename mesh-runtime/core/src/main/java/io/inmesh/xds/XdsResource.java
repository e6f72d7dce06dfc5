package io.inmesh.xds;

import com.google.protobuf.ByteString;

/**
 * One resource as it arrived.
 *
 * @param name its name on the wire, the key of everything here
 * @param version as the control plane gave it; istiod leaves it empty
 * @param type what {@code body} claims to be; always the type of the update that carries it
 * @param body the serialized message, not looked at
 */
public record XdsResource(String name, String version, TypeUrl type, ByteString body) {
  @Override
  public String toString() {
    return type + " '" + name + "' (" + body.size() + " bytes)";
  }
}
