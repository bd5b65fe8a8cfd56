# metier: each task makes the environment it needs. Run `make` for the list.

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist worksteal

VENV := .venv
BIN := $(VENV)/bin
PLUGINS := finance healthcare code legal

PINS_AND_RANGES := pyproject.toml $(PLUGINS:%=plugins/%/pyproject.toml) constraints.txt
comma := ,
MODERN := -c 'import sys; sys.exit(sys.version_info < (3, 11))'

PIP_LOG := $(VENV)/install.log

# install(extras, size, plugins): pip into .venv, made anew when it is missing or its Python is gone or
# too old. What pip says goes to a file; of a failure the end is shown.
define install
	@if ! $(BIN)/python $(MODERN) 2>/dev/null; then \
		if ! $(PYTHON) $(MODERN) 2>/dev/null; then \
			echo "metier needs Python 3.11 or newer, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)"; \
			echo "Name another one:  make PYTHON=python3.12 $(MAKECMDGOALS)"; \
			exit 1; \
		fi; \
		echo "$(PYTHON) -m venv --clear $(VENV)"; \
		$(PYTHON) -m venv --clear $(VENV); \
	fi
	@echo "Installing metier and its plugins into $(VENV), once: $(2) on disk and some minutes."
	@echo "(On Linux, pip's torch brings GPU libraries, several GB more; the README says how not to.)"
	@echo "What pip says goes to $(PIP_LOG)."
	@started=$$(date +%s); \
	if ! $(BIN)/python -m pip install -c constraints.txt -e '.[$(1)]' $(3:%=-e 'plugins/%') \
			> $(PIP_LOG) 2>&1; then \
		tail -n 25 $(PIP_LOG); \
		echo "pip failed: above is the end of $(PIP_LOG)."; \
		exit 1; \
	fi; \
	echo "Installed in $$(( $$(date +%s) - started )) s."
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL: # two tasks must not install into one environment at once

.PHONY: help
help: ## Show this list
	@echo "Tasks (PYTHON=$(PYTHON), PYTEST_ARGS=$(PYTEST_ARGS)):"
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(VENV)/.installed-demo: $(PINS_AND_RANGES)
	$(call install,demo,about 1.6 GB,$(PLUGINS))
	@touch $@

$(VENV)/.installed-dev: $(PINS_AND_RANGES)
	$(call install,dev$(comma)docs,about 3.3 GB,$(PLUGINS:code=code[languages]))
	@touch $(VENV)/.installed-demo $@ # dev holds all of demo

.PHONY: demo
demo: $(VENV)/.installed-demo ## Run every domain on its samples; reports go to build/demo
	@$(BIN)/metier demo --out build/demo
	@echo "To have metier on your path:  . $(BIN)/activate"

# Compiled tests are kept: else every worker would compile all of them each time.
test test-avx2: export PYTHONDONTWRITEBYTECODE =

.PHONY: test
test: $(VENV)/.installed-dev ## Run the tests; PYTEST_ARGS='-k pack -x' narrows them
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Tests whose results could depend on the CPU: pages, recorded numbers, models, checks of the machine. Servers and hubs answer alike.
AVX2_TESTS := tests/contract/test_docs.py tests/contract/test_golden.py tests/core/models tests/core/diagnosis \
	--ignore tests/core/models/remote --ignore tests/core/models/hubs

.PHONY: test-avx2
test-avx2: $(VENV)/.installed-dev ## Run the tests that could depend on the CPU as on one with AVX2 only
	ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 $(BIN)/python -m pytest $(PYTEST_ARGS) $(AVX2_TESTS)

.PHONY: lint
lint: $(VENV)/.installed-dev ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: bench
bench: $(VENV)/.installed-dev ## Run the benchmarks; BENCH_ARGS='--pairs 1 --layers 1 --scale 0.05' for a short run
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

.PHONY: docs
docs: $(VENV)/.installed-dev ## Build the documentation into build/docs; a warning fails it
	$(BIN)/python -m docs.generate
	$(BIN)/python -m sphinx -W -b html docs build/docs

.PHONY: clean
clean: ## Remove build outputs and caches; .venv stays
	rm -rf build dist .hypothesis
	find . -path ./$(VENV) -prune -o -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
