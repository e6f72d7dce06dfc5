package io.inmesh.differential;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/** What a mutation does to a method. */
final class Changes {
  static final MutatingLoader.Change TRUE = number(1);
  static final MutatingLoader.Change FALSE = number(0);
  static final MutatingLoader.Change NULL =
      instead(
          (code, access, descriptor) -> {
            code.visitInsn(Opcodes.ACONST_NULL);
            code.visitInsn(Opcodes.ARETURN);
          });
  static final MutatingLoader.Change NOTHING =
      instead((code, access, descriptor) -> code.visitInsn(Opcodes.RETURN));

  /** The first argument comes back. */
  static final MutatingLoader.Change FIRST =
      instead(
          (code, access, descriptor) -> {
            code.visitVarInsn(Opcodes.ALOAD, (access & Opcodes.ACC_STATIC) != 0 ? 0 : 1);
            code.visitInsn(Opcodes.ARETURN);
          });

  private Changes() {}

  private interface Body {
    void write(MethodVisitor code, int access, String descriptor);
  }

  static MutatingLoader.Change number(int value) {
    return instead(
        (code, access, descriptor) -> {
          code.visitIntInsn(Opcodes.BIPUSH, value);
          code.visitInsn(Opcodes.IRETURN);
        });
  }

  /** Another body in place of the method's own. */
  private static MutatingLoader.Change instead(Body body) {
    return (next, access, descriptor) -> {
      next.visitCode();
      body.write(next, access, descriptor);
      int locals = Type.getArgumentsAndReturnSizes(descriptor) >> 2;
      next.visitMaxs(2, locals);
      next.visitEnd();
      return null;
    };
  }

  /** The n-th conditional jump, counted from 1, goes the other way. */
  static MutatingLoader.Change negated(int nth) {
    return (next, access, descriptor) ->
        new MethodVisitor(Opcodes.ASM9, next) {
          private int seen;

          @Override
          public void visitJumpInsn(int opcode, Label label) {
            boolean conditional = opcode != Opcodes.GOTO && opcode != Opcodes.JSR;
            boolean flip = conditional && ++seen == nth;
            super.visitJumpInsn(flip ? opposite(opcode) : opcode, label);
          }
        };
  }

  private static int opposite(int opcode) {
    if (opcode == Opcodes.IFNULL || opcode == Opcodes.IFNONNULL) {
      return opcode ^ 1;
    }
    return ((opcode + 1) ^ 1) - 1; // IFEQ = 153 and its neighbours stand in pairs
  }
}
