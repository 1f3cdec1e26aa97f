# Saleslens: every command of the project. Bare `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
# Where `make real` finds the public files, and the home it fills; scale and seed of `make demo` and `make bench`.
REAL ?= ../shared/real_data
SCALE ?= 0.001
SEED ?= 1
BIN := .venv/bin
WORKERS ?= 2

.PHONY: help setup setup-dev run demo real etl test test-all check messages migrate bench screenshots lock

help: ## print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv and install what requirements.txt locks (only when it changed)
	@$(PYTHON) scripts/environment.py

setup-dev: ## the same, with what tests and checks need
	@$(PYTHON) scripts/environment.py --dev

run: setup ## migrate, fill a small demo company if there is no data, start the server, print address and demo accounts
	@exec $(BIN)/saleslens serve --demo

demo: setup ## make a demo company in an empty SALESLENS_HOME: make demo SCALE=0.001 SEED=1
	@$(BIN)/saleslens demo --scale $(SCALE) --seed $(SEED)

real: setup ## import the three public data sets into SALESLENS_HOME (data/var/real) and say what was taken: make real REAL=folder
	@SALESLENS_HOME="$${SALESLENS_HOME:-data/var/real}" $(BIN)/saleslens real "$(REAL)"

etl: setup ## build the whole warehouse anew and check it
	@$(BIN)/saleslens etl build && $(BIN)/saleslens etl check

test: check ## all checks and tests but the slow ones
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow"

test-all: check ## all checks and all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: setup-dev ## style, types, import directions, and a browser for the tests
	@$(BIN)/python -m scripts.chromium >/dev/null
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/sqlfluff lint --disable-progress-bar etl

messages: setup ## read the sentences out of the code into the Chinese catalogue; what lacks a translation is listed
	@$(BIN)/python -m scripts.messages

migrate: setup ## bring the database of SALESLENS_HOME to this version
	@$(BIN)/saleslens db upgrade

bench: setup-dev ## measure the bars of speed on a generated company: make bench SCALE=0.1
	@$(BIN)/python -m scripts.bench --scale $(SCALE)

screenshots: setup-dev ## take the README's pictures of a demo company anew
	@$(BIN)/python -m scripts.chromium >/dev/null
	@$(BIN)/python -m scripts.screenshots --readme

lock: setup-dev ## resolve both requirements files anew, with hashes
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
			--no-emit-index-url --no-header --upgrade --output-file $$name.txt $$name.in || exit 1; \
	done
