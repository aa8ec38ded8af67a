#!/usr/bin/env bash
# A Docker engine of its own for `make containers`, on Debian 12 or newer, as root:
#   container_engine.sh start FOLDER    then: export DOCKER_HOST=unix://FOLDER/docker.sock DOCKER_CONFIG=FOLDER/client
#   container_engine.sh stop FOLDER     ends this engine and all that runs on it; FOLDER may be removed then
# Where this machine lets no engine be had, `start` ends with 3, and its last line says why.
# Engine from Debian's packages, Compose 2 from those of Debian 13, unpacked into FOLDER and not installed. No registry
# of images is asked: what this project's files start from is made of Debian's packages and gets the names and
# versions that stand there. Such a stand-in shows our part of an image, not the publisher's: entrypoints, versions
# and files of the real one may differ. Grafana is in no Debian and has none.
set -euo pipefail

HERE=$(cd "$(dirname "$0")/../.." && pwd)
ACT=${1:?start or stop} FOLDER=${2:?folder}

NEEDED_GB=12

said() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

none() { wait; echo "$*" >&2; exit 3; }

# What depends on this machine runs in a shell of its own, several at once: that one ends at its first fault, which a
# function behind a `||` does not. The last line of its log is the reason.
declare -A UNDER_WAY
begin() { local what=$1; shift; "$@" > "$FOLDER/$what.log" 2>&1 & UNDER_WAY[$what]=$!; }
end() {
  local what
  for what; do
    wait "${UNDER_WAY[$what]}" || none "$what: $(grep . "$FOLDER/$what.log" | tail -n 1 | cut -c -300)"
    said "$what"
  done
}
try() { begin "$@"; end "$1"; }

room() {
  local free
  free=$(df -B 1G --output=avail "$FOLDER" | tail -n 1)
  ((free >= NEEDED_GB)) || { echo "$FOLDER has $((free)) GB of room, $NEEDED_GB are needed"; return 1; }
}

packages() {
  local wanted=() name
  ((EUID == 0)) || { echo "only root may start one"; return 1; }
  for name in docker.io mmdebstrap iproute2; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q '^install ok installed' || wanted+=("$name")
  done
  ((${#wanted[@]})) || return 0
  # No second engine may start by itself.
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"
}

# Debian 13 through this machine's own source of packages, with lists of its own.
trixie() { apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$FOLDER/apt/sources" \
                   -o Dir::State::Lists="$FOLDER/apt/lists" -o Dir::Cache="$FOLDER/apt/cache" "$@"; }

compose() {
  local plugins=$FOLDER/client/cli-plugins
  [[ -x $plugins/docker-compose ]] && return 0
  mkdir -p "$plugins" "$FOLDER"/apt/{sources,lists/partial,cache/archives/partial,compose}
  awk 'NF == 0 {exit} /^Suites:/ {$0 = "Suites: trixie"} {print}' \
    /etc/apt/sources.list.d/debian.sources > "$FOLDER/apt/sources/trixie.sources"
  trixie update
  (cd "$FOLDER/apt" && trixie download docker-compose && dpkg-deb -x docker-compose_*.deb compose)
  cp "$FOLDER/apt/compose/usr/libexec/docker/cli-plugins/docker-compose" "$plugins/"
}

rootfs() {  # NAME SUITE PACKAGES: a small Debian as an archive
  [[ -s $FOLDER/$1.tar ]] && return 0
  TMPDIR=$FOLDER/tmp mmdebstrap --quiet --variant=minbase --include="$3" --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io "$2" "$FOLDER/$1.part.tar"
  mv "$FOLDER/$1.part.tar" "$FOLDER/$1.tar"
}

# This machine's Python where the official image has it, without compiled files, as there.
python_files() {
  local home to=$FOLDER/context/python
  home=$(python3.11 -c 'import sys
if sys.version_info < (3, 11, 3): sys.exit("Python 3.11.3 or newer is needed: what is locked uses asyncio.timeout of it")
print(sys.base_prefix)')
  rm -rf "$to" && mkdir -p "$to"/usr/local/{bin,lib} "$to"/etc/ssl/certs
  cp "$home/bin/python3.11" "$to/usr/local/bin/"
  ln -s python3.11 "$to/usr/local/bin/python3" && ln -s python3.11 "$to/usr/local/bin/python"
  find "$home/lib" -maxdepth 1 -name 'libpython3.11*.so*' -exec cp -P {} "$to/usr/local/lib/" \;
  tar -C "$home/lib" --exclude='python3.11/site-packages/*' --exclude='python3.11/test' --exclude=__pycache__ \
    --exclude='python3.11/config-3.11-*' -c python3.11 | tar -C "$to/usr/local/lib" -x
  # Whom pip trusts in a build is whom this machine trusts.
  cp "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" "$to/etc/ssl/certs/ca-certificates.crt"
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\ntimeout = 180\n' > "$to/etc/pip.conf"
}

engine() {
  mkdir -p "$FOLDER"/{data,exec}
  # The bridge of another engine on this machine is none of ours.
  [[ -e /sys/class/net/docker0 ]] || touch "$FOLDER/own-bridge"
  setsid /usr/sbin/dockerd --host "unix://$FOLDER/docker.sock" --data-root "$FOLDER/data" --exec-root "$FOLDER/exec" \
    --pidfile "$FOLDER/docker.pid" --storage-driver overlay2 --exec-opt native.cgroupdriver=cgroupfs \
    > "$FOLDER/dockerd.log" 2>&1 < /dev/null &
  for _ in $(seq 120); do
    docker version > "$FOLDER/version" 2>&1 && return 0
    kill -0 $! 2> /dev/null || break
    sleep 0.5
  done
  tail -n 20 "$FOLDER/dockerd.log"
  return 1
}

# An engine that answers need not be able to run anything.
container() {
  docker import "$FOLDER/servers.tar" stand-in/servers
  docker import "$FOLDER/python.tar" stand-in/python
  docker run --rm stand-in/servers true
}

# An image is built of packages that a container fetches.
fetching() { docker run --rm "$1" python -m pip download -q --retries 1 --timeout 20 --no-deps --dest /tmp/fetched wheel; }

# The first in the project's files that is called so, with its version.
image_of() {
  grep -hoE "(^| )([a-z-]+/)?(eclipse-)?$1:v?[0-9][^ @]*" "$HERE/deploy/Dockerfile" "$HERE/docker-compose.yml" | head -n 1 | tr -d ' '
}

stand_ins() {
  local file=$FOLDER/context/Dockerfile stage image
  cat > "$file" <<'END'
FROM stand-in/python AS python
COPY python /
RUN ldconfig && python -m ensurepip && python -c 'import bz2, ctypes, lzma, sqlite3, ssl, zlib' \
    && find /usr/local -name __pycache__ -prune -exec rm -r {} +
FROM stand-in/servers AS valkey
RUN rm -rf /etc/valkey && install -d -o 999 -g 999 /data
VOLUME /data
FROM stand-in/servers AS mosquitto
RUN install -d -o 1883 -g 1883 /mosquitto/config /mosquitto/data /mosquitto/log
VOLUME ["/mosquitto/data", "/mosquitto/log"]
FROM stand-in/servers AS prometheus
RUN install -d -o 65534 -g 65534 /prometheus
VOLUME /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
FROM stand-in/servers AS alertmanager
RUN install -d -o 65534 -g 65534 /alertmanager
VOLUME /alertmanager
ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]
END
  for stage in python valkey mosquitto prometheus alertmanager; do
    image=$(image_of "$stage")
    DOCKER_BUILDKIT=1 docker build -q --target "$stage" -t "$image" "$FOLDER/context" >> "$FOLDER/imported"
    said "$image"
  done
}

export DOCKER_HOST=unix://$FOLDER/docker.sock DOCKER_CONFIG=$FOLDER/client
# The engine's own client: one that is newer may not speak to it.
docker() { /usr/bin/docker "$@"; }

# Another engine than that of FOLDER has none of these.
processes() { pgrep -f -- "$FOLDER/"; }

ended() {
  for _ in $(seq 60); do "$@" || return 0; sleep 0.5; done
  return 1
}

stop() {
  local left
  mapfile -t left < <(timeout 30 docker ps -aq)
  ((${#left[@]} == 0)) || timeout 60 docker rm -f -v "${left[@]}" > "$FOLDER/removed" || true
  timeout 30 docker network prune -f > "$FOLDER/removed" || true
  kill "$(cat "$FOLDER/docker.pid")" || true
  ended test -e "$FOLDER/docker.pid" || echo "the engine of $FOLDER did not end by itself" >&2
}

case $ACT in
  start)
    mkdir -p "$FOLDER"/{context,tmp}
    try room room
    try packages packages
    begin "Docker engine" engine
    begin "Docker Compose" compose
    begin "base system of python" rootfs python bookworm ca-certificates,netbase,tzdata,libssl3,libffi8,libsqlite3-0,zlib1g,libbz2-1.0,liblzma5,libreadline8,libncursesw6,libuuid1,libexpat1,libnsl2,libtirpc3
    begin "base system of servers" rootfs servers trixie valkey-server,valkey-tools,mosquitto,mosquitto-clients,prometheus,prometheus-alertmanager,wget
    try "Python of this machine" python_files
    end "Docker engine" "Docker Compose" "base system of python" "base system of servers"
    try "first container" container
    stand_ins
    try "packages from within a container" fetching "$(image_of python)"
    ;;
  stop)
    [[ ! -s $FOLDER/docker.pid ]] || stop
    # What was killed amid its work: processes of containers, mounts of a base system.
    ended processes > "$FOLDER/left" || processes | xargs -r kill -KILL
    { grep -o " $FOLDER/[^ ]*" /proc/mounts || true; } | sort -r | xargs -r umount -l
    if [[ -e $FOLDER/own-bridge && -e /sys/class/net/docker0 ]]; then ip link del docker0; fi
    ;;
  *) echo "start or stop, not $ACT" >&2; exit 2 ;;
esac
