# plan_tui: `make demo` opens the app on a demo shop, `make test` checks everything.
# Both need make and Python 3.10+ with its venv module, and nothing else.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
PYTEST_ARGS ?= -n 2 --dist loadfile
# What is tested in the tests' own process, without SQLMesh.
TRACED := contract client journal ui

# Scripts in a virtual environment hold absolute paths, so it notes the checkout it was made in: one
# that was moved or copied needs a new one, and so does one whose Python is gone.
BASE_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(VENV)/.checkout),$(CURDIR))
.PHONY: $(VENV)/.checkout
endif
# An environment with the development tools also has all that the demo needs.
DEMO_STAMP := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(BASE_STAMP))

.PHONY: help
help:
	@echo 'make demo    open the app on a demo shop (a copy in .demo)'
	@echo 'make test    install with the development tools, then run every check and test'
	@echo 'make check   the same as make test'
	@echo 'make coverage  the tests, with the lines that they reach'
	@echo 'make soak    the tests of faults, at length'
	@echo 'make format  format the code and fix what ruff can fix'
	@echo 'make clean   remove the virtual environment, the demo and all caches'

.PHONY: demo
demo: $(DEMO_STAMP)
	@$(BIN)/plan-tui demo .demo

.PHONY: test check
test check: lint types imports tests

.PHONY: lint
lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The checks run in this order, also under `make -j`: the quickest one fails first.
.PHONY: types
types: $(DEV_STAMP) lint
	$(BIN)/mypy

.PHONY: imports
imports: $(DEV_STAMP) types
	$(BIN)/lint-imports

# Tracing takes half as long again, which CI does not have for the engine: SQLMesh would be traced
# with it. What runs beside the engine is traced here, all of it by `make coverage`.
.PHONY: tests
tests: $(DEV_STAMP) imports
	$(BIN)/python -m pytest $(PYTEST_ARGS) $(TRACED:%=--cov=plan_tui/%) \
	  --cov-report=term:skip-covered $(TRACED:%=tests/%) $(ALONE)
	$(BIN)/python -m pytest $(PYTEST_ARGS) $(TRACED:%=--ignore=tests/%) $(ALONE)

# Thousands of tests with real processes, terminals and databases share two cores: what fails there
# is asked once more by itself, and stays named in the output either way. It still fails the run
# where it fails alone, and so does everything but a failed test.
ALONE = || { [ $$? -eq 1 ] && echo '==> Failed beside others; once more, alone. What passes now' \
  'depends on timing: mend it.' && $(BIN)/python -m pytest --last-failed --maxfail=3; }

.PHONY: coverage
coverage: $(DEV_STAMP)
	$(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report=term:skip-covered

# The same promises with many more trials; it takes hours.
.PHONY: soak
soak: $(DEV_STAMP)
	PLAN_TUI_SOAK=1 PLAN_TUI_MONKEY_KEYS=2500 \
	  $(BIN)/python -m pytest $(PYTEST_ARGS) tests/faults tests/differential \
	  tests/engine/test_bounded.py tests/engine/test_journal.py tests/engine/test_openapi.py \
	  tests/engine/test_routes.py

.PHONY: format
format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: clean
clean:
	rm -rf $(VENV) .demo build dist htmlcov
	rm -rf .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BASE_STAMP): pyproject.toml $(VENV)/.checkout
	@echo '==> Installing plan_tui and what it needs into $(VENV) (a few minutes the first time)'
	@$(BIN)/python -m pip install --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q plan_tui
	@touch $@

$(DEV_STAMP): pyproject.toml $(VENV)/.checkout
	@echo '==> Installing plan_tui and its development tools into $(VENV) (a few minutes the first time)'
	@$(BIN)/python -m pip install --disable-pip-version-check -e '.[dev]'
	@touch $(BASE_STAMP) $@

# The first Python that is new enough and can make a virtual environment wins; the message
# names what was found, because "no Python" and "Python without venv" are mended differently.
$(VENV)/.checkout:
	@old=''; novenv=''; chosen=''; \
	for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.10 python; do \
	  command -v "$$candidate" >/dev/null 2>&1 || continue; \
	  if ! "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then \
	    old="$$old $$candidate"; continue; fi; \
	  if ! "$$candidate" -c 'import venv, ensurepip' 2>/dev/null; then \
	    novenv="$$novenv $$candidate"; continue; fi; \
	  chosen="$$candidate"; break; \
	done; \
	if [ -z "$$chosen" ]; then \
	  if [ -n "$$novenv" ]; then \
	    echo "plan_tui: found$$novenv, but without the venv module, so no virtual environment can be made." >&2; \
	    echo "Install it (on Debian and Ubuntu: the package python3-venv) and run make again." >&2; \
	  elif [ -n "$$old" ]; then \
	    echo "plan_tui: found$$old, but plan_tui needs Python 3.10 or newer." >&2; \
	    echo "Install a newer Python, or name one: make PYTHON=/path/to/python3 demo" >&2; \
	  else \
	    echo "plan_tui: no Python found, and plan_tui needs Python 3.10 or newer." >&2; \
	    echo "Install Python 3, or name one: make PYTHON=/path/to/python3 demo" >&2; \
	  fi; \
	  exit 1; \
	fi; \
	echo "==> Making $(VENV) with $$("$$chosen" --version)" && \
	rm -rf $(VENV) && \
	"$$chosen" -m venv $(VENV) && \
	$(BIN)/python -m pip install --disable-pip-version-check --quiet 'pip>=21.3' && \
	printf '%s\n' '$(CURDIR)' > $@
