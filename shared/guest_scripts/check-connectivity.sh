#!/usr/bin/env bash
# Tries the ports of the replication appliance from this machine: --appliance ADDRESS --ports 443,9443.
# Exit codes: 0 all of them answer; 2 wrong usage; 13 one does not answer (each is named).
set -u
appliance='' ports='' code=0
while [[ $# -gt 1 ]]; do
  case $1 in
    --appliance) appliance=$2 ;;
    --ports) ports=$2 ;;
    *) break ;;
  esac
  shift 2
done
if [[ $# -gt 0 || -z $appliance || -z $ports ]]; then
  echo 'usage: check-connectivity.sh --appliance ADDRESS --ports 443,9443' >&2
  exit 2
fi
for port in ${ports//,/ }; do
  # shellcheck disable=SC2016 # the inner shell is to read the address as an argument, not as a program
  if ! timeout 10 bash -c '</dev/tcp/"$1"/"$2"' check "$appliance" "$port" 2>/dev/null; then
    echo "port $port of $appliance is not reachable" >&2
    code=13
  fi
done
exit "$code"
