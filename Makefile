# Each recipe makes .venv itself when it is missing: with uv where that is installed, else with venv and a fresh pip.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers
FITTING := $(VENV)/.fitting
REPLAY_VENV := .venv-pywb
REPLAY := $(REPLAY_VENV)/.ready
BENCH_DATA ?= ../shared/bench
FOLDS ?= build/folds

.PHONY: demo test replay lint fix bench hostile durability million crawls month model docs screenshots clean

demo: $(READY)
	@$(BIN)/scrape demo

test: $(READY)
	@$(BIN)/pytest -n 2 --dist loadgroup

# What we export, replayed by pywb: the tests that the others skip where pywb is missing.
replay: $(READY) $(REPLAY)
	@SCRAPE_TEST_REPLAY=required $(BIN)/pytest -m replay

lint: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.command_reference --check

fix: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY)
	@$(BIN)/python -m tools.command_reference

# The pictures in docs/images, of the demo's archive; Chromium makes them. They are looked at before they are kept.
screenshots: $(READY)
	@$(BIN)/python -m tools.screenshots

# The labelled pages are not part of this project: BENCH_DATA says where they are.
bench: $(PEERS)
	@$(BIN)/python -m benchmarks.archiving --data $(BENCH_DATA)/fundus-dev
	@$(BIN)/python -m benchmarks.fetching --data $(BENCH_DATA)/fundus-dev
	@$(BIN)/python -m benchmarks.drawing --data $(BENCH_DATA)
	@$(BIN)/python -m benchmarks.storage --data $(BENCH_DATA)
	@$(BIN)/python -m benchmarks.revisions --data $(BENCH_DATA)
	@$(BIN)/python -m benchmarks.revisions --data $(BENCH_DATA) --duplicates
	@$(BIN)/python -W ignore -m benchmarks.discovery
	@$(BIN)/python -m benchmarks.crawl_speed --data $(BENCH_DATA)/fundus-dev $(BENCH_DATA)/wcxb-dev
	@$(BIN)/python -m benchmarks.reading_room --crawl $(BENCH_DATA)/fundus-dev $(BENCH_DATA)/wcxb-dev
	@$(BIN)/python -m benchmarks.extraction --data $(BENCH_DATA) $(if $(wildcard $(FOLDS)),--folds $(FOLDS))

# Servers that break the protocol; pages made to hang, crash or mislead the extractor, and real ones damaged; statements
# and contents made against the web interface, the latter shown by Chromium. Three quarters of an hour on two idle cores.
hostile: $(READY)
	@$(BIN)/python -m benchmarks.hostile_servers --mutants 10000
	@$(BIN)/python -m benchmarks.hostile_servers --guard
	@$(BIN)/python -m benchmarks.hostile
	@$(BIN)/python -m benchmarks.hostile --data $(BENCH_DATA) --mutants 10000
	@$(BIN)/python -m benchmarks.hostile_sql
	@$(BIN)/python -m benchmarks.hostile_pages

# Crawls that are killed, disks that fill (small file systems, where root may mount them), eight processes on one archive.
durability: $(READY)
	@$(BIN)/python -m benchmarks.durability --kills 200 --full 50 --together 8

# A million articles made of the labelled pages' sentences: rates, sizes, how fast they are searched and shown as pages.
# An hour and a half, 16 GB.
million: $(READY)
	@$(BIN)/python -m benchmarks.million --data $(BENCH_DATA)/fundus-dev $(BENCH_DATA)/wcxb-dev --out build/million
	@$(BIN)/python -m benchmarks.million --data $(BENCH_DATA)/fundus-dev $(BENCH_DATA)/wcxb-dev --out build/million --more 50000
	@$(BIN)/python -m benchmarks.reading_room --archive build/million/million.db

# Eleven days of a simulated web of 50 outlets, and a crawl of it that is killed twenty times. Half an hour.
crawls: $(READY)
	@$(BIN)/python -m benchmarks.crawling
	@$(BIN)/python -m benchmarks.crawling --kills 20 --articles 1000

# A month of scheduled jobs on a machine to which things happen, and four days of the command itself where Debian's
# faketime is installed. An hour.
month: $(READY)
	@$(BIN)/python -m benchmarks.unattended
	@if command -v faketime >/dev/null 2>&1; then $(BIN)/python -m benchmarks.unattended --commands; fi

# Fits what is fitted, and for the benchmark models a fold that have not seen the fold's sites: 20 minutes.
model: $(FITTING)
	@$(BIN)/python -m training.fit_blocks --data $(BENCH_DATA) --folds $(FOLDS)
	@$(BIN)/python -m training.fit_dates --data $(BENCH_DATA) --folds $(FOLDS) --write
	@$(BIN)/python -m training.fit_page_type --data $(BENCH_DATA) --folds $(FOLDS)

# The argument is the extra to install.
define install
	@if command -v uv >/dev/null 2>&1; then \
	  { [ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) $(VENV); } && \
	  uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[$(1)]'; \
	else \
	  { [ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/python -m pip install --quiet --upgrade pip && \
	  $(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(1)]'; \
	fi
	@touch $@
endef

$(READY): pyproject.toml constraints.txt
	$(call install,dev)

# The extractors we compare with are installed for the benchmark alone.
$(PEERS): $(READY)
	$(call install,bench)

$(FITTING): $(READY)
	$(call install,training)

# By itself: it wants older versions than we do of what both need.
$(REPLAY):
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --clear --python $(PYTHON) $(REPLAY_VENV) && \
	  uv pip install --quiet --python $(REPLAY_VENV)/bin/python 'pywb>=2.10'; \
	else \
	  $(PYTHON) -m venv --clear $(REPLAY_VENV) && \
	  $(REPLAY_VENV)/bin/python -m pip install --quiet --upgrade pip && \
	  $(REPLAY_VENV)/bin/python -m pip install --quiet 'pywb>=2.10'; \
	fi
	@touch $@

clean:
	rm -rf $(VENV) $(REPLAY_VENV) build dist .mypy_cache .pytest_cache .ruff_cache
