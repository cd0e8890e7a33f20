# Everything runs from `.venv` and `node_modules`, which `make setup` brings up to date from the lock files.
# PYTHON=… chooses the interpreter of a new .venv; ARGS=… goes to the program that a target starts.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
PYTHON_STAMP := $(VENV)/.installed
NODE_STAMP := node_modules/.installed
DOCS := build/tools/docs
RELEASE := build/tools/release
PYTHON_CANDIDATES := $(or $(PYTHON),python3.13 python3.12 python3.14 python3 python3.11)

# A .venv whose interpreter is gone (moved folder, upgraded system) is made anew.
ifeq ($(shell $(VENV)/bin/python -c 'print(1)' 2>/dev/null),)
$(shell rm -f $(PYTHON_STAMP))
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(PYTHON_STAMP) $(NODE_STAMP) ## install everything that the lock files name

.PHONY: run
run: setup ## start origin and edge with the demo flags
	@exec $(VENV)/bin/flaghoist dev $(ARGS)

.PHONY: browser
browser: ## find Chromium for the tests that look at pages, or install it (Debian, as root)
	@.ci/browser

.PHONY: test
test: setup browser ## run the tests, but not the slow ones
	@$(PYTEST) $(ARGS)

.PHONY: test-fast
test-fast: setup ## run the tests that start no other program, with a quarter of the random examples
	@$(PYTEST) --fast $(ARGS)

.PHONY: test-full
test-full: setup browser ## run all tests
	@$(PYTEST) -m "" $(ARGS)
# Several processes share the tests (ARGS="-n 0": one). Bytecode is kept, whatever the environment says: every program
# that the tests start would compile all of the code again.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(VENV)/bin/pytest -n auto

.PHONY: check
check: setup ## lint, formatting, types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/node node_modules/@biomejs/biome/bin/biome check --error-on-warnings
	@for project in tsconfig.check.json shared/web tests/web; do $(VENV)/bin/node node_modules/typescript/bin/tsc --project $$project; done

.PHONY: coverage
coverage: setup ## run the tests that stay in their process, and hold how much they reach (tests/coverage_floors.py)
	@mkdir -p build/coverage
	@$(PYTEST) $(MEASURED) --cov --cov-config=tests/coverage.toml --cov-report= $(ARGS)
	@$(VENV)/bin/python -m tests.coverage_floors
# Not the tests that count calls and memory: measuring coverage adds to both.
MEASURED := tests/shared tests/origin tests/edge_worker tests/scripts --deselect tests/edge_worker/test_work.py

.PHONY: docs
docs: $(DOCS)/.installed ## build the documentation site in build/site, with links that all lead somewhere
	@$(DOCS)/bin/zensical build --strict --clean

.PHONY: release-check
release-check: setup $(RELEASE)/.installed ## build all packages in build/packages, and use each in an empty environment
	@$(VENV)/bin/python -m release check --twine $(RELEASE)/bin/twine

.PHONY: version
version: setup ## say the version, or write it to every file that names it (VERSION=0.2.0)
	@$(VENV)/bin/python -m release version $(VERSION)

.PHONY: bench
bench: setup ## measure the bootstrap against other flag services (QUICK=1: fewer rounds; RUNS=3: medians of three runs)
	@$(VENV)/bin/flaghoist bench $(if $(QUICK),--quick) $(if $(RUNS),--runs $(RUNS)) $(ARGS)

.PHONY: lock
lock: setup ## resolve the Python lock files again (needs uv)
	@command -v uv >/dev/null || { echo "make lock: install uv first (pip install uv)" >&2; exit 1; }
	@rm -f requirements/*.txt
	@uv pip compile $(UV_FLAGS) --group pyproject.toml:dev -o requirements/lock.txt
	@for name in bench docs release; do uv pip compile $(UV_FLAGS) requirements/$$name.in -o requirements/$$name.txt; done
	@uv pip compile $(UV_FLAGS) --group pyproject.toml:container -o requirements/origin.txt
	@uv pip compile $(UV_FLAGS) --python-version 3.14 pyproject.toml -o requirements/worker.txt
UV_FLAGS := --quiet --universal --no-python-downloads --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
  $(foreach project,flaghoist flaghoist-cli flaghoist-edge flaghoist-origin,--no-emit-package $(project))

.PHONY: clean
clean: ## remove what was built and installed; .flaghoist/ (local data) stays
	@rm -rf $(VENV) node_modules python_modules build shared/web/dist .wrangler *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

PROJECTS := shared origin edge_worker scripts

$(PYTHON_STAMP): requirements/lock.txt $(PROJECTS:%=%/pyproject.toml)
	@if ! $(VENV)/bin/python -c 'import pip' 2>/dev/null; then .ci/make-venv $(VENV) $(PYTHON_CANDIDATES); fi
	@echo "installing requirements/lock.txt"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
	  $(PROJECTS:%=--editable ./%) > $(VENV)/editable.log 2>&1 || { cat $(VENV)/editable.log >&2; exit 1; }
	@touch $@

$(NODE_STAMP): package-lock.json package.json .npmrc | $(PYTHON_STAMP)
	@echo "installing package-lock.json"
	@$(VENV)/bin/npm ci --ignore-scripts --loglevel=error
	@touch $@

# Tools that have an environment of their own, so that their needs do not meet ours.
build/tools/%/.installed: requirements/%.txt | $(PYTHON_STAMP)
	@echo "installing $<"
	@rm -rf $(@D) && mkdir -p $(@D) && $(VENV)/bin/python -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
