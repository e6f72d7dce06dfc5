package io.inmesh.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.UnsafeByteOperations;
import io.inmesh.ledger.Schema.Field;
import io.inmesh.ledger.Schema.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Inmesh does with each field of each Envoy and Istio message, and which of them a resource
 * contains. Immutable; safe for use by several threads. Loading takes some tens of milliseconds and
 * happens at the first {@link #get()}; call it off the request path.
 */
public final class Ledger {
  private static final String ROWS = "/io/inmesh/ledger/support-ledger.tsv";
  private static final String MESSAGES = "/io/inmesh/proto/messages.binpb";

  private final LedgerTable table;
  private final Schema schema;

  private Ledger(LedgerTable table, Schema schema) {
    this.table = table;
    this.schema = schema;
  }

  private static final class Holder {
    static final Ledger INSTANCE = load();
  }

  /** The ledger of this version of Inmesh. */
  public static Ledger get() {
    return Holder.INSTANCE;
  }

  private static Ledger load() {
    String rows = new String(resource(ROWS), StandardCharsets.UTF_8);
    return of(rows.lines().toList());
  }

  static Ledger of(List<String> rows) {
    LedgerTable table = LedgerTable.parse(rows);
    try {
      FileDescriptorSet set = FileDescriptorSet.parseFrom(resource(MESSAGES));
      return new Ledger(table, new Schema(set, table));
    } catch (IOException e) {
      throw new UncheckedIOException("damaged on the class path: " + MESSAGES, e);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = Ledger.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "missing on the class path: " + name + " (is inmesh-proto there, unshaded?)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be read on the class path: " + name, e);
    }
  }

  /**
   * Judges a resource, nested Any and TypedStruct included. Never throws for bad bytes: the report
   * then says so and is not {@link LedgerReport#complete() complete}.
   *
   * @param typeUrl the resource's type URL, with or without {@code type.googleapis.com/}
   */
  public LedgerReport walk(String typeUrl, ByteString body) {
    Tally tally = new Tally();
    String name = new WireWalker(schema, tally, false).walk(typeUrl, body);
    return tally.report(typeUrl, name);
  }

  /**
   * As {@link #walk(String, ByteString)}; the buffer's position stays, its bytes are not copied.
   */
  public LedgerReport walk(String typeUrl, ByteBuffer body) {
    return walk(typeUrl, UnsafeByteOperations.unsafeWrap(body.slice()));
  }

  /**
   * The bytes of a resource that is there as Envoy's JSON, as config dumps and {@code istioctl
   * proxy-config -o json} have it: names in either spelling, {@code @type} where any message can
   * stand.
   *
   * @param typeUrl the resource's type URL; where the tree has an {@code @type}, that is not read
   * @param tree maps, lists, text, numbers and booleans
   * @throws IllegalArgumentException the JSON cannot be that message; the text names the place
   */
  public JsonResource fromJson(String typeUrl, Map<String, ?> tree) {
    return new JsonReader(schema).read(typeUrl, tree);
  }

  /**
   * The first field in a resource that Envoy marks as sensitive (a private key, a password), or
   * empty. What is inside messages unknown here is not seen.
   *
   * @param typeUrl the resource's type URL
   */
  public Optional<String> secretIn(String typeUrl, ByteString body) {
    return fieldsIn(typeUrl, body).stream().filter(this::isSensitive).findFirst();
  }

  /**
   * A resource as Envoy's dumps show it, in maps, lists, text, numbers and booleans: names as in
   * the protos, {@code @type} first, what is sensitive as {@code [redacted]}, what is not known
   * here as the base64 of its bytes.
   */
  public Map<String, @Nullable Object> tree(String typeUrl, ByteString body) {
    return new ResourceTree(schema).of(typeUrl, body);
  }

  private boolean isSensitive(String path) {
    Field field = field(path);
    return field != null && field.sensitive;
  }

  /**
   * The row that decides a field.
   *
   * @param field {@code envoy.config.cluster.v3.Cluster.health_checks}
   * @return empty if no message known here has such a field
   */
  public Optional<LedgerRow> rowOf(String field) {
    Field f = field(field);
    return f == null ? Optional.empty() : Optional.ofNullable(f.row);
  }

  private @Nullable Field field(String path) {
    int dot = path.lastIndexOf('.');
    Message m = dot < 0 ? null : schema.find(path.substring(0, dot));
    return m == null ? null : m.byJsonName.get(path.substring(dot + 1));
  }

  /** All rows, in the order of the file. */
  public List<LedgerRow> rows() {
    return table.rows();
  }

  /** All fields of a resource, whatever their state, those below unsupported ones included. */
  List<String> fieldsIn(String typeUrl, ByteString body) {
    Tally tally = new Tally();
    new WireWalker(schema, tally, true).walk(typeUrl, body);
    return tally.fields();
  }

  Schema schema() {
    return schema;
  }
}
