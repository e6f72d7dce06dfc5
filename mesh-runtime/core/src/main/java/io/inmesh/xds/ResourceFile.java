package io.inmesh.xds;

import com.google.protobuf.ByteString;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Resources in a file of their owner: readable by him alone, replaced as a whole, and refused when
 * anything about it is not as it was written. Whoever may write as this user may forge one: the
 * checksum is against damage, the permissions are against others.
 *
 * @param owner who wrote it, in words and values; compared when it is read
 * @param writtenAt when
 * @param resources in the order in which they were given
 */
public record ResourceFile(
    Map<String, String> owner, Instant writtenAt, List<XdsResource> resources) {
  private static final byte[] MAGIC = "INMESHLG".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT = 1;
  private static final int DIGEST = 32;
  private static final int HEADER = MAGIC.length + Integer.BYTES;
  private static final long LARGEST = 1L << 30;

  private static final Set<PosixFilePermission> WRITABLE_BY_OTHERS =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  public ResourceFile {
    owner = Map.copyOf(owner);
    resources = List.copyOf(resources);
  }

  /**
   * Writes, with the directory if it is missing: either all of it is there afterwards or nothing.
   */
  public static void write(
      Path file, Map<String, String> owner, Instant now, Collection<XdsResource> resources)
      throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = target.getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      Files.createDirectories(directory, ownerOnly("rwx------"));
    }
    Path fresh = target.resolveSibling(target.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try {
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              ownerOnly("rw-------"))) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        DigestOutputStream digested = new DigestOutputStream(out, sha256());
        DataOutputStream data = new DataOutputStream(digested);
        put(data, owner, now, resources);
        data.flush();
        out.write(digested.getMessageDigest().digest());
        out.flush();
        channel.force(true);
      }
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @param owner who we are; a value that is empty here or there is not compared
   * @throws IOException if it cannot be used: names the file and says why
   */
  public static ResourceFile read(Path file, Map<String, String> owner) throws IOException {
    checkAccess(file);
    if (Files.size(file) > LARGEST) {
      throw unusable(file, "is larger than 1 GiB");
    }
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length < HEADER || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw unusable(file, "is not a file of configuration, or is truncated");
    }
    int format = new DataInputStream(input(bytes, MAGIC.length, Integer.BYTES)).readInt();
    if (format != FORMAT) {
      throw unusable(file, "has format " + format + ", this version of Inmesh reads " + FORMAT);
    }
    int end = bytes.length - DIGEST;
    MessageDigest digest = sha256();
    digest.update(bytes, 0, Math.max(0, end));
    if (end < HEADER
        || !MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(bytes, end, bytes.length))) {
      throw unusable(file, "is damaged or truncated: its checksum does not match its content");
    }
    ResourceFile read;
    try {
      read = get(new DataInputStream(input(bytes, HEADER, end - HEADER)));
    } catch (IOException | RuntimeException e) {
      throw unusable(file, "cannot be understood: " + e);
    }
    for (Map.Entry<String, String> written : read.owner.entrySet()) {
      String ours = owner.getOrDefault(written.getKey(), "");
      String theirs = written.getValue();
      if (!ours.isEmpty() && !theirs.isEmpty() && !ours.equals(theirs)) {
        throw unusable(
            file, "was written for " + written.getKey() + " '" + theirs + "', not '" + ours + "'");
      }
    }
    return read;
  }

  private static void put(
      DataOutputStream data,
      Map<String, String> owner,
      Instant now,
      Collection<XdsResource> resources)
      throws IOException {
    data.write(MAGIC);
    data.writeInt(FORMAT);
    data.writeLong(now.toEpochMilli());
    data.writeInt(owner.size());
    for (Map.Entry<String, String> entry : owner.entrySet()) {
      put(data, ByteString.copyFromUtf8(entry.getKey()));
      put(data, ByteString.copyFromUtf8(entry.getValue()));
    }
    data.writeInt(resources.size());
    for (XdsResource resource : resources) {
      put(data, ByteString.copyFromUtf8(resource.type().url()));
      put(data, ByteString.copyFromUtf8(resource.name()));
      put(data, ByteString.copyFromUtf8(resource.version()));
      put(data, resource.body());
    }
  }

  private static void put(DataOutputStream data, ByteString bytes) throws IOException {
    data.writeInt(bytes.size());
    bytes.writeTo(data);
  }

  private static ResourceFile get(DataInputStream data) throws IOException {
    Instant writtenAt = Instant.ofEpochMilli(data.readLong());
    Map<String, String> owner = new LinkedHashMap<>();
    for (int left = data.readInt(); left > 0; left--) {
      owner.put(getBytes(data).toStringUtf8(), getBytes(data).toStringUtf8());
    }
    List<XdsResource> resources = new ArrayList<>();
    for (int left = data.readInt(); left > 0; left--) {
      TypeUrl type = new TypeUrl(getBytes(data).toStringUtf8());
      String name = getBytes(data).toStringUtf8();
      resources.add(new XdsResource(name, getBytes(data).toStringUtf8(), type, getBytes(data)));
    }
    return new ResourceFile(owner, writtenAt, resources);
  }

  private static ByteString getBytes(DataInputStream data) throws IOException {
    int size = data.readInt();
    if (size < 0 || size > data.available()) {
      throw new IOException("a length of " + size);
    }
    return ByteString.copyFrom(data.readNBytes(size));
  }

  private static void checkAccess(Path file) throws IOException {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.stream().anyMatch(WRITABLE_BY_OTHERS::contains)) {
      throw unusable(
          file,
          "may be written by other users ("
              + PosixFilePermissions.toString(permissions)
              + "): whose it is cannot be known");
    }
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static ByteArrayInputStream input(byte[] bytes, int from, int length) {
    return new ByteArrayInputStream(bytes, from, length);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static IOException unusable(Path file, String why) {
    return new IOException(file + " " + why);
  }
}
