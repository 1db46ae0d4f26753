#!/usr/bin/env bash
# Removes the Mobility service that a machine brought along from its migration; nothing to remove is well, too.
# --folder and --modules name the agent's folder and the list of loaded kernel modules, should they be elsewhere.
# Exit codes: 0 it is gone; 2 wrong usage; 3 it is gone, but its driver stays loaded until a restart; 4 it is still there.
set -u
folder=/usr/local/ASR modules=/proc/modules
while [[ $# -gt 1 ]]; do
  case $1 in
    --folder) folder=$2 ;;
    --modules) modules=$2 ;;
    *) break ;;
  esac
  shift 2
done
if [[ $# -gt 0 ]]; then
  echo 'usage: remove-mobility-service.sh [--folder FOLDER] [--modules FILE]' >&2
  exit 2
fi
if [[ -f $folder/uninstall.sh ]]; then
  (cd "$folder" && bash ./uninstall.sh -Y) || echo "uninstall.sh ended with exit code $?" >&2
fi
if [[ -f $folder/uninstall.sh ]]; then
  echo "the Mobility service is still in $folder" >&2
  exit 4
fi
if grep -q '^involflt ' "$modules" 2>/dev/null; then
  echo 'the driver involflt is loaded until the machine restarts' >&2
  exit 3
fi
