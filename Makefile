# Every target makes its own virtual environment and installs what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# Containers set it. The suite starts hundreds of processes, and each would compile the bot again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test pythons image chaos mutants bench growth soak check format lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(VENV)/.runtime ## the whole bot with a simulated Slack in the browser
	$(BIN)/python -m bot demo $(ARGS)

# Many stories wait, so two cores keep five workers busy. More aren't faster, and miss time limits on a busy machine.
WORKERS ?= 5
test: $(VENV)/.development ## the whole test suite
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

KILLS ?= 200
chaos: $(VENV)/.development ## kill -9 under load, then count what was lost; KILLS=200 SECONDS=60 DATABASE_URL=postgres
	@$(BIN)/python -m tests.crash --kills $(KILLS) $(if $(SECONDS),--seconds $(SECONDS)) \
		--database-url "$(DATABASE_URL)"

# Begun anew each time: mutmut does not see that a test was changed since a mutant was or wasn't noticed.
mutants: $(VENV)/.development ## mutation testing of what decides; fails below 95 %
	@rm -rf mutants
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/python -m tests.mutants

pythons: $(VENV)/.development ## lock files, demo and unit tests on the newer Pythons that are installed
	@$(BIN)/python -m tests.newer_pythons $(ARGS)

image: $(VENV)/.development ## the Dockerfile's own commands in a plain virtual environment
	@$(BIN)/python -m tests.image

growth: $(VENV)/.development ## what years of closed reviews cost; SIZES=0,100000,1000000,5000000
	@$(BIN)/python -m tests.benchmarks.growth $(ARGS)

soak: $(VENV)/.development ## half an hour of steady load, then what grew; MINUTES=30
	@$(BIN)/python -m tests.benchmarks.soak $(ARGS)

bench: $(VENV)/.bench ## this bot compared with common alternatives; ARGS="--only a,b --rounds 1"
	@$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(VENV)/.development ## style, types, the direction of imports, spelling and plain English
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/unit/test_plain_english.py

format: $(VENV)/.development ## fix what the formatter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock files are for every Python from 3.11 on. They hold hashes and no index address: each pip uses its own index.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
BENCH := tests/benchmarks/requirements
lock: $(VENV)/.development ## update the requirements files
	$(LOCK) $(if $(EXTRA),--extra $(EXTRA)) --output-file requirements.txt pyproject.toml
	$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --output-file $(BENCH).txt $(BENCH).in

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(BIN)/python
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# The benchmarks' peers; what they share with the bot has the versions of requirements-dev.txt. And the bot as users
# install it: structlog alone loads 6 MiB more where development's rich and greenlet are there.
$(VENV)/.bench: $(BENCH).txt requirements.txt $(VENV)/.development
	$(PIP_INSTALL) -r $(BENCH).txt
	$(PYTHON) -m venv $(VENV)/installed
	$(VENV)/installed/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis mutants
