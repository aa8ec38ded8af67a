#!/bin/sh
# start.sh DATA_FOLDER COMMAND...: mends what a power cut left, then becomes the store (services/supervisor/torn_tail.py).
# The newest append-only file may end in zeros, which no entry does; the store would refuse it ("Bad file format").
set -eu
newest=$(find "$1/appendonlydir" -name '*.incr.aof' 2> /dev/null | sort -t. -k3,3n | tail -n 1)
shift
if [ -n "$newest" ]; then
  zeros=$(tail -c 65536 "$newest" | od -An -v -tx1 -w1 | tac | awk '$1 != "00" {exit} {n++} END {print n + 0}')
  if [ "$zeros" -gt 0 ]; then
    truncate -s "-$zeros" "$newest"
    echo "$newest ended in $zeros zero bytes, as after a power cut, and was cut; what the store had not synced then is lost" >&2
  fi
fi
exec "$@"
