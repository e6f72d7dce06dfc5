package io.inmesh.controlplane.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes and checks the tokens with which a workload asks for its first certificate: ES256, audience
 * {@code istio-ca}, subject {@code system:serviceaccount:NS:SA}, valid a year. Thread-safe.
 */
public final class TokenIssuer {
  private static final String AUDIENCE = "istio-ca";
  private static final String ISSUER = "inmesh-embedded-control-plane";
  private static final Duration LIFETIME = Duration.ofDays(365);
  private static final Pattern SUBJECT =
      Pattern.compile("system:serviceaccount:([a-z0-9.-]+):([a-z0-9.-]+)");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]*[a-z0-9])?");

  private final Path directory;
  private final KeyPair key;
  private final String trustDomain;
  private final Clock clock;

  private TokenIssuer(Path directory, KeyPair key, String trustDomain, Clock clock) {
    this.directory = directory;
    this.key = key;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  public static TokenIssuer open(Path state, String trustDomain, Clock clock)
      throws IOException, GeneralSecurityException {
    Path directory = state.resolve("tokens");
    OwnerOnlyFiles.createDirectories(directory);
    return new TokenIssuer(
        directory, Keys.loadOrCreate(state.resolve("token-key.pem")), trustDomain, clock);
  }

  /**
   * Writes {@code tokens/<namespace>/<service account>} with a fresh token and returns the file.
   */
  public synchronized Path writeFile(String namespace, String serviceAccount) throws IOException {
    if (!NAME.matcher(namespace).matches() || !NAME.matcher(serviceAccount).matches()) {
      throw new IllegalArgumentException(
          "not a namespace and service account: " + namespace + "/" + serviceAccount);
    }
    Path parent = directory.resolve(namespace);
    OwnerOnlyFiles.createDirectories(parent);
    Path file = parent.resolve(serviceAccount);
    OwnerOnlyFiles.write(
        file, issue(namespace, serviceAccount).getBytes(StandardCharsets.US_ASCII));
    return file;
  }

  String issue(String namespace, String serviceAccount) {
    Instant now = clock.instant();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .subject("system:serviceaccount:" + namespace + ":" + serviceAccount)
            .jwtID(UUID.randomUUID().toString())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now.minusSeconds(120)))
            .expirationTime(Date.from(now.plus(LIFETIME)))
            .build();
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.ES256), claims);
    try {
      jwt.sign(new ECDSASigner((ECPrivateKey) key.getPrivate()));
    } catch (JOSEException e) {
      throw new IllegalStateException("the token key cannot sign", e);
    }
    return jwt.serialize();
  }

  /** Why a token proves nothing. */
  static final class BadToken extends Exception {
    private static final long serialVersionUID = 1L;

    BadToken(String message) {
      super(message);
    }
  }

  SpiffeId verify(String token) throws BadToken {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!JWSAlgorithm.ES256.equals(jwt.getHeader().getAlgorithm())
          || !jwt.verify(new ECDSAVerifier((ECPublicKey) key.getPublic()))) {
        throw new BadToken(
            "the token was not signed by this control plane (another state directory?)");
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Instant now = clock.instant();
      Date expires = claims.getExpirationTime();
      Date notBefore = claims.getNotBeforeTime();
      if (expires == null || !expires.toInstant().isAfter(now)) {
        throw new BadToken(
            "the token has expired; the control plane writes a new file at every start");
      }
      if (notBefore != null && notBefore.toInstant().isAfter(now)) {
        throw new BadToken("the token is not valid yet; is a clock wrong?");
      }
      if (!claims.getAudience().contains(AUDIENCE) || !ISSUER.equals(claims.getIssuer())) {
        throw new BadToken("the token is not meant for this certificate authority");
      }
      Matcher subject = SUBJECT.matcher(String.valueOf(claims.getSubject()));
      if (!subject.matches()) {
        throw new BadToken("the token's subject is not a service account");
      }
      return new SpiffeId(trustDomain, subject.group(1), subject.group(2));
    } catch (ParseException | JOSEException e) {
      throw new BadToken("the token is not a signed JWT");
    }
  }
}
