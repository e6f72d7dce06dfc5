package io.inmesh.controlplane.registry;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.inmesh.controlplane.config.Locality;
import io.inmesh.controlplane.files.OwnerOnlyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code registrations.json}: a line with an HMAC over the rest, then JSON. Owner-only, replaced
 * whole. What was changed by hand or cut off is not believed.
 */
final class RegistryFile {
  private final Path file;
  private final byte[] key;

  RegistryFile(Path state) throws IOException {
    this.file = state.resolve("registrations.json");
    Path keyFile = state.resolve("registrations.key");
    if (!Files.exists(keyFile)) {
      byte[] fresh = new byte[32];
      new SecureRandom().nextBytes(fresh);
      OwnerOnlyFiles.write(keyFile, fresh);
    }
    this.key = OwnerOnlyFiles.read(keyFile);
  }

  /**
   * @throws IOException when the file exists and cannot be believed
   */
  List<Registration> load() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    String text = new String(OwnerOnlyFiles.read(file), StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    String body = end < 0 ? "" : text.substring(end + 1);
    byte[] claimed = (end < 0 ? "" : text.substring(0, end)).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(claimed, mac(body).getBytes(StandardCharsets.US_ASCII))) {
      throw new IOException(file + " was changed or cut off (its check sum is wrong)");
    }
    try {
      List<Registration> registrations = new ArrayList<>();
      for (Object item : list(JSONObjectUtils.parse(body).get("registrations"))) {
        registrations.add(fromJson(map(item)));
      }
      return registrations;
    } catch (ParseException | ClassCastException | NullPointerException e) {
      throw new IOException(file + " is not what this version writes", e);
    }
  }

  void save(List<Registration> registrations) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("registrations", registrations.stream().map(RegistryFile::toJson).toList());
    String body = JSONObjectUtils.toJSONString(root) + "\n";
    OwnerOnlyFiles.write(file, (mac(body) + "\n" + body).getBytes(StandardCharsets.UTF_8));
  }

  private String mac(String body) throws IOException {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static Map<String, Object> toJson(Registration registration) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("node", registration.nodeId());
    json.put("namespace", registration.namespace());
    json.put("serviceAccount", registration.serviceAccount());
    json.put("name", registration.name());
    json.put("labels", new TreeMap<>(registration.labels()));
    json.put("addresses", registration.addresses());
    List<Registration.Port> ports = registration.ports();
    if (ports != null) {
      json.put(
          "ports",
          ports.stream()
              .map(port -> Map.<String, Object>of("name", port.name(), "number", port.number()))
              .toList());
    }
    Locality locality = registration.locality();
    json.put("locality", List.of(locality.region(), locality.zone(), locality.subZone()));
    return json;
  }

  private static Registration fromJson(Map<?, ?> json) {
    Map<String, String> labels = new LinkedHashMap<>();
    map(json.get("labels")).forEach((name, value) -> labels.put(text(name), text(value)));
    List<Registration.Port> ports = null;
    if (json.containsKey("ports")) {
      ports = new ArrayList<>();
      for (Object item : list(json.get("ports"))) {
        Map<?, ?> port = map(item);
        ports.add(
            new Registration.Port(
                text(port.get("name")), Integer.parseInt(text(port.get("number")))));
      }
    }
    List<?> locality = list(json.get("locality"));
    return new Registration(
        text(json.get("node")),
        text(json.get("namespace")),
        text(json.get("serviceAccount")),
        text(json.get("name")),
        Map.copyOf(labels),
        list(json.get("addresses")).stream().map(RegistryFile::text).toList(),
        ports == null ? null : List.copyOf(ports),
        new Locality(text(locality.get(0)), text(locality.get(1)), text(locality.get(2))));
  }

  private static List<?> list(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new ClassCastException("not a list");
  }

  private static Map<?, ?> map(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new ClassCastException("not an object");
  }

  private static String text(@Nullable Object value) {
    if (value == null) {
      throw new ClassCastException("missing");
    }
    return value.toString();
  }
}
