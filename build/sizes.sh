#!/bin/sh
# What an application pays for Inmesh, in jars on disk: prints two tables in markdown.
# Builds the jars (without tests). Options go to Maven, e.g.: build/sizes.sh -o
cd "$(dirname "$0")/.." || exit 1
modules="core okhttp java-http reactor-netty grpc servlet tomcat jdk-httpserver admin"
list=""
for m in $modules; do list="$list,mesh-runtime/$m"; done
mvn -q -DskipTests -DincludeScope=runtime -Dmdep.outputFile=target/runtime-class-path \
  -pl "${list#,}" -am package dependency:build-classpath "$@" || exit 1

jars() { # the jars of a module: its own first, then what it needs
  ls mesh-runtime/"$1"/target/inmesh-*.jar | grep -v -e '-tests.jar' -e '-sources.jar'
  tr ':' '\n' < mesh-runtime/"$1"/target/runtime-class-path
  echo
}

kb() { wc -c < "$1" | awk '{ printf "%d", ($1 + 512) / 1024 }'; }

echo '| on the class path | Inmesh, kB | third party, kB | together, kB |'
echo '|---|---|---|---|'
for m in $modules; do
  own=0
  foreign=0
  for j in $(jars "$m"); do
    case "$j" in
      *inmesh-*) own=$((own + $(kb "$j"))) ;;
      *) foreign=$((foreign + $(kb "$j"))) ;;
    esac
  done
  echo "| inmesh-$m | $own | $foreign | $((own + foreign)) |"
done

echo
echo '| jar | kB | comes with |'
echo '|---|---|---|'
for m in $modules; do
  for j in $(jars "$m"); do echo "$(basename "$j") $(kb "$j") $m"; done
done | awk '!($1 in size) { size[$1] = $2; with[$1] = $3 }
  END { for (j in size) printf "%d | %s | %d | %s |\n", size[j], j, size[j], with[j] }' | sort -rn | sed 's/^[0-9]* //'
