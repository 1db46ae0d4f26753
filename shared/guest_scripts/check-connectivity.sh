#!/usr/bin/env bash
# Tries to connect from this machine: --places 10.0.0.4:443,10.0.0.4:9443 (hosts by name or address, each with its port).
# Exit codes: 0 all of them answer; 2 wrong usage; 13 one does not answer (each is named).
set -u
places='' code=0
while [[ $# -gt 1 ]]; do
  case $1 in
    --places) places=$2 ;;
    *) break ;;
  esac
  shift 2
done
if [[ $# -gt 0 || -z $places ]]; then
  echo 'usage: check-connectivity.sh --places HOST:PORT,HOST:PORT' >&2
  exit 2
fi
IFS=, read -r -a listed <<<"$places"
for place in "${listed[@]}"; do
  host=${place%:*} port=${place##*:}
  # shellcheck disable=SC2016 # the inner shell is to read the address as an argument, not as a program
  if ! timeout 10 bash -c '</dev/tcp/"$1"/"$2"' check "$host" "$port" 2>/dev/null; then
    echo "port $port of $host is not reachable" >&2
    code=13
  fi
done
exit "$code"
