# Everything runs in .venv, which is created on first use. Needs: Python >= 3.10 with venv, and make; to test the curl
# texts also bash and curl.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Three processes for two cores: tests wait for servers and terminals, too. Who has nothing left takes over from others.
PYTEST := $(BIN)/pytest -n 3 --dist worksteal

# An environment without bytecode files makes every test process compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo check check-all static compiled lint types imports test test-all fuzz mutants screenshots docs snapshots \
	carry bench format clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Open the wizard on a built-in demo server
	$(BIN)/restore-tui --demo

check: static test ## Lint, check types and imports, run the quick tests: 4 to 6 minutes on two cores

check-all: ## The same with all tests: real terminals, every fault, more random keys
	@$(MAKE) --no-print-directory -j2 static compiled
	@$(MAKE) --no-print-directory test-all

static: lint types imports

# Compile the tests once, while mypy runs, and not in each of the processes that run them.
compiled: $(VENV)/.dev
	@$(BIN)/pytest --collect-only -qq > $(VENV)/collected.txt || { cat $(VENV)/collected.txt; exit 1; }

lint: $(VENV)/.dev ## Only lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## Only check types
	$(BIN)/mypy

imports: $(VENV)/.dev ## Only check the import contracts
	$(BIN)/lint-imports

test: $(VENV)/.dev ## Only run the quick tests
	$(PYTEST) -m "not slow"

test-all: $(VENV)/.dev ## Only run all tests
	$(PYTEST)

# Also 100,000 random strings for the terminal, and 20,000 answers of any bytes to every method of the client.
fuzz: $(VENV)/.dev ## Judge 100,000 generated restore responses
	@$(BIN)/python -m tests.fuzz
	@$(BIN)/python -m tests.fuzz.any_bytes

mutants: $(VENV)/.dev ## Break the safety core in many places, one at a time: the quick tests must notice
	@$(BIN)/python -m tests.mutants

screenshots: $(VENV)/.dev ## Draw the pictures of the README
	$(BIN)/python -m screenshots.draw

docs: $(VENV)/.dev ## Write the generated parts of the README and the docs
	$(BIN)/python -m docs.generate

snapshots: $(VENV)/.dev ## Accept the screens as they are now
	$(BIN)/pytest tests/tui --snapshot-update

carry: $(VENV)/.dev ## Build one file with all libraries, for a host without a network
	@$(BIN)/python -m release.carry

bench: $(VENV)/.dev ## Run the benchmarks: about 15 minutes, on an idle machine
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev ## Fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.run

clean: ## Delete .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
