#!/usr/bin/env bash
#
# Very many connections of all kinds with the native engine, in memory, for each library; then a tenth of them with glibc's checks of the
# heap. Needs a JDK 22 or later. Prints a table for each, and says FAULT where anything is left or the process has grown.
#
#   src/test/soak.sh [CONNECTIONS [LIBRARY...]]     1000000 for each of Debian's two, if nothing else is said
#
# SEED=N makes the same connections again. Clients are those of Debian's OpenSSL.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
connections=${1:-1000000}
shift || true
libraries=("$@")
if ((${#libraries[@]} == 0)); then
  mapfile -t libraries < <(ls /usr/lib/*-linux-gnu/libssl.so.3 /usr/lib/*-linux-gnu/android/libssl.so.0 2>/dev/null)
fi
client=$(ls /usr/lib/*-linux-gnu/libssl.so.3 | head -n 1)

mvn -B -ntp -q test-compile dependency:build-classpath -Dmdep.outputFile=target/soak.classpath -Dmdep.includeScope=test
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
classpath=target/native-test-classes:target/native-classes:target/test-classes:target/classes:$(<target/soak.classpath)
failed=0

# soak CONNECTIONS LIBRARY [ENVIRONMENT...]
soak() {
  local count=$1 library=$2
  shift 2
  # A heap that is all there from the beginning does not grow.
  env "$@" "$java" -Xms128m -Xmx128m -XX:+AlwaysPreTouch -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp "$classpath" \
    io.github.tlsresumption.openssl.Soak "$count" "$library" "$client" ${SEED:+"$SEED"} || failed=1
  echo
}

for library in "${libraries[@]}"; do
  soak "$connections" "$library"
  echo "the same with MALLOC_CHECK_ and MALLOC_PERTURB_:"
  # From glibc 2.34 on the checks are in a library of their own.
  soak $((connections / 10)) "$library" LD_PRELOAD=libc_malloc_debug.so.0 MALLOC_CHECK_=3 MALLOC_PERTURB_=165
done
exit $failed
