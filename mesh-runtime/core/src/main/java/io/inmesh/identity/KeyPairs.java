package io.inmesh.identity;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Whether two halves belong together, found out by signing. */
final class KeyPairs {
  private KeyPairs() {}

  static boolean match(PrivateKey key, PublicKey other) {
    String algorithm =
        switch (other.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> other.getAlgorithm(); // Ed25519 and its kin are named alike
        };
    try {
      byte[] probe = {'i', 'n', 'm', 'e', 's', 'h'};
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(other);
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
