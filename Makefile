# Everything runs from one virtual environment, .venv, made on first use from the lock files (with hashes).
# `make help` lists the targets; `make PYTHON=python3.13 setup` picks the interpreter for a new .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first interpreter that runs, is a supported version and can make virtual environments.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
WORKERS ?= 2
# Neighbours, which share fixtures, go to the same process; one that has none left takes some of another's.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist worksteal
# Extra options for pytest, as in `make test PYTEST_ARGS="-k calendar -x"`.
PYTEST_ARGS ?=
# Which mutants: `make mutants MUTANTS='sim.risk.tail.*'`; it goes on where it stopped.
MUTANTS ?=
# What a page that needs the network would have in it; a link to follow is none.
FETCHES := '<(script|img|iframe|source)[^>]* src="(https?:)?//|<link[^>]* href="(https?:)?//|(url\(|@import )["]?(https?:)?//'
# Shows what a command tells and keeps the folder that it ends with.
SHOW_AND_KEEP := tee /dev/stderr | sed --quiet 's|^report: \(.*\)/report.html$$|\1|p'
# How long: `make fuzz FUZZ_SECONDS=60`.
FUZZ_SECONDS ?= 600
# Which benchmarks: `make bench BENCH="limit sizes"`; all by default.
BENCH ?=
# `make lock LOCK_ARGS=--upgrade` takes the newest versions; without it pins move only when they must.
LOCK_ARGS ?=

.PHONY: help setup demo test docs wasm cover cover-engine check format verify mutants faults fuzz views bench lock messages plotly clean

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null

setup: .venv/.dev  ## Make .venv with everything a developer needs

demo: .venv/.runtime  ## Run the flagship study in 1,000 futures and write its report to results/
	@echo 'Simulating what a loss of about 10 % would take, in 1,000 futures ...'
	@run=$$($(BIN)/chokepoint run scenarios/entity-list-2019-research-house.yaml --replications 1000 | $(SHOW_AND_KEEP)); \
	echo 'What do facts alone support, and which assumptions lie between?'; \
	compared=$$($(BIN)/chokepoint compare scenarios/entity-list-2019.yaml \
	scenarios/entity-list-2019-research-house.yaml --replications 128 --set calendar.end=2020-12-31 | $(SHOW_AND_KEEP)); \
	echo 'Both on one first page:'; \
	$(BIN)/chokepoint report "$$run" --beside "$$compared" --html results/founding-question.html

test: .venv/.dev  ## Run the tests, but for the slow ones
	.ci/browser
	$(BIN)/chokepoint warmup
	$(PYTEST) $(PYTEST_ARGS)

docs: .venv/.dev  ## Make a site of docs/ and the docstrings in build/docs; its warnings are errors
	rm -rf docs/api build/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs build/docs
	@if grep --recursive --extended-regexp $(FETCHES) --include='*.html' --include='*.css' build/docs; then \
	echo 'These pages fetch something from the network.' >&2; exit 1; fi

wasm: .venv/.runtime  ## Make WebAssembly of the engine, and an explorer of the first scenario in build/explorer.html
	mkdir -p build
	rm -f build/explorer.html
	$(BIN)/chokepoint export-explorer scenarios/first-scenario-levers.yaml build/explorer.html

cover: .venv/.dev  ## Run the tests and measure their coverage
	.ci/browser
	$(PYTEST) --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

cover-engine: .venv/.dev  ## Run the differential tests with the compiler off and list what of the engines they miss
	NUMBA_DISABLE_JIT=1 $(PYTEST) tests/differential --cov=sim/engines \
	--cov-report=term-missing:skip-covered $(PYTEST_ARGS)

check: .venv/.dev  ## Lint, formatting, types and the layers' imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

format: .venv/.dev  ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

verify: .venv/.dev  ## Run all verification, slow tests too: against docs/validation.md, then with fresh random numbers
	.ci/browser
	$(PYTEST) -m "" tests/verification tests/durability $(PYTEST_ARGS)
	$(PYTEST) -m slow tests/unit tests/browser $(PYTEST_ARGS)
	HYPOTHESIS_PROFILE=thorough $(PYTEST) -m "" --fresh-seeds tests/verification tests/property \
	tests/differential tests/unit/test_workbooks.py $(PYTEST_ARGS)

mutants: .venv/.dev  ## Change the engines and measures in small ways and list what no test notices (some hours)
	nice $(BIN)/mutmut run --max-children $(WORKERS) $(MUTANTS)
	$(BIN)/mutmut results

faults: .venv/.dev  ## Plant faults in the compiled engine and list which test catches which (half an hour)
	nice $(BIN)/python -m tests.differential.faults

fuzz: .venv/.dev  ## Try hostile scenario files for ten minutes and list what is at fault
	nice $(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

views: .venv/.dev  ## Simulate all views of the listing and write docs/views.md (some minutes)
	$(BIN)/python -m benchmarks.views

bench: .venv/.dev  ## Run the benchmarks of docs/performance.md (a quarter of an hour, on an idle machine)
	$(BIN)/python -m benchmarks.run $(BENCH)

lock: .venv/.dev  ## Renew the lock files after a change of dependencies in pyproject.toml
	$(call compile,requirements.lock,--extra build)
	$(call compile,requirements-dev.lock,--extra build --extra dev --constraint requirements.lock --override uv-overrides.txt)

messages: .venv/.dev  ## Bring the message catalogues of pages up to date and list what is not translated
	$(BIN)/python -m tests.catalogues

plotly:  ## Make the bundle of plotly.js that draws figures (needs Node.js and npm)
	npm --prefix .ci/plotly ci
	cd .ci/plotly && node build.mjs ../../sim/report/library

clean:  ## Remove .venv, caches and coverage data; results/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov build dist mutants
	find $(wildcard sim tests benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +

# One lock for all supported versions of Python ('fewest' prefers one version of a library for all of them).
compile = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --custom-compile-command 'make lock' \
	$(LOCK_ARGS) $(2) --output-file $(1)

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo 'No usable Python 3.11, 3.12 or 3.13 found. On Debian: apt-get install' \
	'python3 python3-venv; or say which: make PYTHON=/path/to/python3.11 $(or $(MAKECMDGOALS),setup)' >&2; exit 1; }
	@echo 'Making .venv, a virtual environment of its own ...'
	$(PYTHON) -m venv .venv

# The project itself is installed editable, with the locked build backend: nothing unpinned is fetched. Where Python
# is told to write no bytecode, as in many containers, each start would parse the package anew: a second of it.
.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo 'Installing what requirements.lock lists into .venv: about a minute, once, without further words ...'
	$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q sim
	@touch $@

# The lock holds all that is needed; without --no-deps pip would miss what uv-overrides.txt leaves out.
.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo 'Installing what tests and checks need: about a minute, once, without further words ...'
	$(PIP_INSTALL) --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@
