#!/usr/bin/env bash
#
# Fuzzes every parser by Jazzer, and on JDK 22 or later the native engine; tells how many inputs a second it tried.
#
#   src/test/fuzz.sh [SECONDS [TARGET...]]      60 seconds for each target, if nothing else is said
#
# What breaks a target is left in target/fuzz; once mended, keep it in src/test/resources/fuzz/TARGET, for FuzzTest.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-60}
shift || true
targets=("$@")
if ((${#targets[@]} == 0)); then
  mapfile -t targets < <(ls src/test/resources/fuzz)
fi

mvn -B -ntp -q -Pfuzz test-compile dependency:build-classpath -Dmdep.outputFile=target/fuzz.classpath -Dmdep.includeScope=test
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
classpath=target/native-test-classes:target/native-classes:target/test-classes:target/classes:$(<target/fuzz.classpath)
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p')
failed=0
for target in "${targets[@]}"; do
  file=$(cd src && find test/java openssl-test/java -name "$target.java")
  if [[ $file == openssl-test/* ]] && ((version < 22)); then
    echo "$target: needs a JDK 22 or later"
    continue
  fi
  class=$(sed 's|^[a-z-]*/java/||; s|\.java$||; s|/|.|g' <<<"$file")
  mkdir -p "target/fuzz/$target"
  log=target/fuzz/$target.log
  if "$java" --enable-native-access=ALL-UNNAMED -cp "$classpath" \
    com.code_intelligence.jazzer.Jazzer --target_class="$class" --reproducer_path="target/fuzz/$target" \
    --instrumentation_includes='io.github.tlsresumption.**' --custom_hook_includes='io.github.tlsresumption.**' \
    -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 -artifact_prefix="target/fuzz/$target/" \
    "target/fuzz/$target" "src/test/resources/fuzz/$target" >"$log" 2>&1
  then
    echo "$target: $(sed -n 's/^stat::average_exec_per_sec: *//p' "$log") inputs a second, nothing found"
  else
    echo "$target: see $log"
    failed=1
  fi
done
exit $failed
