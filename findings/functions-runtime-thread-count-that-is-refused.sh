#!/usr/bin/env bash
# azure-functions-runtime 1.3.0 (needs Python 3.13): a refused PYTHON_THREADPOOL_THREAD_COUNT does not become what the log says.
#
# Guess: the warning "Reverting to default value (1)" is true, and the documented maximum of 32 is kept.
# Seen: after that warning the pool gets Python's own size (processors + 4, at most 32), not 1; and 64 is taken as it is, since the
#       bound is the largest integer. Who sets 0 to get one thread gets five or more.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python=$(for each in python3.13 "$HOME"/.pyenv/versions/3.13.*/bin/python; do "$each" -c '' 2>/dev/null && { command -v "$each"; break; }; done)
[ -n "$python" ] || { echo "no Python 3.13 here: not run"; exit 1; }
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-functions-runtime==1.3.0
cat >"$folder/pool.py" <<'PYTHON'
import os

from azure_functions_runtime.utils import threadpool

threadpool.start_threadpool_executor()
size = threadpool.get_threadpool_executor()._max_workers
print("asked for", os.environ["PYTHON_THREADPOOL_THREAD_COUNT"], "- got", size, "- Python's own:", min(32, (os.process_cpu_count() or 1) + 4))
expected = {"0": min(32, (os.process_cpu_count() or 1) + 4), "64": 64}
assert size == expected[os.environ["PYTHON_THREADPOOL_THREAD_COUNT"]], "this has changed"
PYTHON
PYTHON_THREADPOOL_THREAD_COUNT=0 "$folder/venv/bin/python" "$folder/pool.py" 2>"$folder/said"
grep -o "Reverting to default value (1)" "$folder/said" || { cat "$folder/said"; echo "this has changed: another warning"; exit 1; }
PYTHON_THREADPOOL_THREAD_COUNT=64 "$folder/venv/bin/python" "$folder/pool.py"
