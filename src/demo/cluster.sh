#!/usr/bin/env bash
# The part of ./demo that is for "./demo cluster"; it uses functions and variables of that.

make_cluster_base() {
  rm -rf "$base/lib" "$base/modules" "$base/start.d" "$base/webapps"
  rm -f "$base"/node-* "$base"/session-* "$base"/probes/session-* "$base"/redis.log
  mkdir -p "$base/etc" "$base/webapps" "$base/environments" "$base/probes"
  cp -R src/demo/cluster-base/. "$base/"
  cp -R demo-base/resources "$base/"
  (cd "$base" && "${jdk}jar" xf "$project"/target/jetty-tls-resumption-*-module.zip)
  cp target/demo.war "$base/webapps/ROOT.war"
}

# make_node NUMBER PORT OPTION... - a script that becomes that node's JVM, so that its process id is the node's.
make_node() {
  local number=$1 port=$2
  shift 2
  run "${jdk}java" -jar "$jetty_home/start.jar" --dry-run "jetty.ssl.port=$port" "$@" ${properties[@]+"${properties[@]}"} \
    >"jetty-command-$number" || fail "start.jar refused, see above"
  printf '#!/usr/bin/env bash\ncd %q\nexec %s\n' "$base" "$(cat "jetty-command-$number")" >"node-$number"
  chmod +x "node-$number"
}

cluster() {
  local port number redis options
  command -v openssl >/dev/null || fail "openssl is not installed: the clients of the cluster need it"
  ((port_base + 7 <= 65535)) || fail "--port-base must be at most 65528 for a cluster" 2
  redis=$(command -v redis-server || command -v valkey-server) ||
    fail "there is neither redis-server nor valkey-server, which the nodes share (in Debian: apt-get install redis-server)"
  for ((port = port_base; port < port_base + 8; port++)); do
    if listening "$port"; then
      fail "port $port is in use, choose others with --port-base"
    fi
  done
  build
  umask 077
  make_cluster_base
  [[ -f $keystore && -f $certificates ]] || {
    rm -f "$keystore" "$certificates"
    certificate cluster "dns:ticket.localhost,dns:cache.localhost"
  }
  cd "$base"
  options=(--module=tls-resumption-redis "jetty.tlsResumption.redis.uri=redis://127.0.0.1:$((port_base + 7))")
  for number in 1 2 3; do
    make_node "$number" $((port_base + 3 + number)) "${options[@]}"
  done
  exec "${jdk}java" -cp "$project/target/demo-classes" io.github.tlsresumption.demo.cluster.ClusterDemo \
    "$base" "$port_base" "$seconds" "$redis"
}
