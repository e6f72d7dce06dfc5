#!/bin/sh
# Prints the home of a JDK of that major version (find-jdk.sh 25), or nothing. Looks where systems keep them, asks each what it is.
want=$1
for home in "${JAVA_HOME:-}" $(update-alternatives --list javac 2>/dev/null | sed 's|/bin/javac$||') \
  /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  [ -n "$home" ] && [ -x "$home/bin/javac" ] || continue
  found=$("$home/bin/javac" -version 2>&1 | sed 's/javac \([0-9]*\).*/\1/')
  if [ "$found" = "$want" ]; then
    echo "$home"
    exit 0
  fi
done
exit 1
