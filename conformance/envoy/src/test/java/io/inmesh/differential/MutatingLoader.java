package io.inmesh.differential;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Loads the engine and what drives it here once more, with one method changed. Protos, scenarios
 * and answers are shared with the outside.
 */
final class MutatingLoader extends ClassLoader {
  /** Given the method's writer; returns who writes its old body, or null when that is replaced. */
  interface Change {
    @Nullable MethodVisitor of(MethodVisitor next, int access, String descriptor);
  }

  private static final List<String> OWN =
      List.of(
          "io.inmesh.http.",
          "io.inmesh.match.",
          "io.inmesh.config.",
          "io.inmesh.filter.",
          "io.inmesh.upstream.",
          "io.inmesh.call.",
          "io.inmesh.ledger.",
          "io.inmesh.identity.",
          "io.inmesh.differential.InmeshSide",
          "io.inmesh.differential.EngineCall");

  private final String type;
  private final String method;
  private final Change change;
  private final Method ask;
  private int applied;

  MutatingLoader(String type, String method, Change change) throws ReflectiveOperationException {
    super(MutatingLoader.class.getClassLoader());
    this.type = type;
    this.method = method;
    this.change = change;
    Class<?> side = loadClass("io.inmesh.differential.InmeshSide");
    this.ask = side.getDeclaredMethod("ask", Scenario.class, Upstreams.class);
    ask.setAccessible(true);
  }

  @SuppressWarnings("unchecked")
  List<Answer> ask(Scenario scenario, Upstreams upstreams)
      throws IllegalAccessException, InvocationTargetException {
    return (List<Answer>) ask.invoke(null, scenario, upstreams);
  }

  /** A mutation that changes nothing proves nothing. */
  void requireApplied() throws ClassNotFoundException {
    loadClass(type);
    if (applied != 1) {
      throw new IllegalStateException(type + "." + method + " was changed " + applied + " times");
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (OWN.stream().noneMatch(name::startsWith)) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      if (name.equals(type)) {
        bytes = mutate(bytes);
      }
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] mutate(byte[] bytes) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(bytes)
        .accept(
            new ClassVisitor(Opcodes.ASM9, writer) {
              @Override
              public @Nullable MethodVisitor visitMethod(
                  int access,
                  String name,
                  String descriptor,
                  @Nullable String signature,
                  String @Nullable [] exceptions) {
                MethodVisitor next =
                    super.visitMethod(access, name, descriptor, signature, exceptions);
                boolean abstracted = (access & Opcodes.ACC_ABSTRACT) != 0;
                boolean bridge = (access & Opcodes.ACC_BRIDGE) != 0;
                boolean wanted =
                    method.indexOf('(') > 0
                        ? (name + descriptor).startsWith(method)
                        : name.equals(method);
                if (abstracted || bridge || !wanted) {
                  return next;
                }
                applied++;
                return change.of(next, access, descriptor);
              }
            },
            0);
    return writer.toByteArray();
  }
}
