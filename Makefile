# make        sets up and builds this repository's notes into dist/
# make test   sets up and runs all tests
# make check  format, lint, types and tests together
# make pictures  takes the pictures of the README anew

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: notes test check format pictures clean

notes: .venv/installed
	$(BIN)/build

test: .venv/installed-dev
	$(BIN)/python -m pytest -q
	$(BIN)/build verify --strict

check: .venv/installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(MAKE) test

format: .venv/installed-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

pictures: .venv/installed-dev
	$(BIN)/python -m tests.readme

clean:
	rm -rf dist .venv

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) -e '.[notes]'
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) -e '.[notes,dev]'
	touch $@
