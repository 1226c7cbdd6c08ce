# Everything runs in .venv, which is made on first use. Needs: Python >= 3.10 with venv, and make; to test the curl
# texts also bash and curl.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo check lint types imports test fuzz test-live screenshots docs snapshots bench format clean

demo: $(VENV)/.run
	$(BIN)/restore-tui --demo

check: lint types imports test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

test: $(VENV)/.dev
	$(BIN)/pytest -n 3

# 100,000 generated restore responses, and which verdicts on them would be lies; 100,000 random strings for the
# terminal, and what they must not do; 20,000 answers of any bytes to every method of the client.
fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz
	@$(BIN)/python -m tests.fuzz.any_bytes

# Reads and one dry run against a real server: make test-live KINETICA_URL=http://host:9191 KINETICA_USER=name
# The password comes from the environment, KINETICA_PASSWORD. It cannot send a restore.
test-live: $(VENV)/.dev
	@$(BIN)/python -m tests.live

screenshots: $(VENV)/.dev
	$(BIN)/python -m screenshots.draw

docs: $(VENV)/.dev ## Write the generated blocks of README and docs
	$(BIN)/python -m docs.generate

snapshots: $(VENV)/.dev
	$(BIN)/pytest tests/tui --snapshot-update

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev
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

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
