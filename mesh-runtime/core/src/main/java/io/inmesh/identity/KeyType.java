package io.inmesh.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** The key that a workload makes for itself. */
public enum KeyType {
  /** ECDSA on P-256: the default. */
  EC_P256("EC", "SHA256withECDSA"),
  /** RSA with 2048 bits, Istio's agent's default. */
  RSA_2048("RSA", "SHA256withRSA");

  private final String algorithm;
  private final String signature;

  KeyType(String algorithm, String signature) {
    this.algorithm = algorithm;
    this.signature = signature;
  }

  KeyPair generate() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (this == EC_P256) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else {
      generator.initialize(2048);
    }
    return generator.generateKeyPair();
  }

  String signature() {
    return signature;
  }
}
