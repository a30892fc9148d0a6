# `make` lists the targets. All of them work in a virtual environment of their own, .venv;
# VENV=folder chooses another one, PYTHON=python3.13 another Python to make it with.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NATIVE := $(wildcard dedup/core/native/*.h dedup/core/native/*.cpp)
SOURCES := $(filter %.cpp,$(NATIVE))
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror

.PHONY: help build test test-all check asan bench perf quality demo docs wheel clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml setup.py $(NATIVE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "The venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@command -v $${CXX:-g++} >/dev/null || \
	  { echo "A C++17 compiler is needed. On Debian: apt install g++"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

build: $(READY)  ## virtual environment with the package and its compiled core
	@$(BIN)/dedup --version

demo: build  ## scan the corpus in seeds/ and show what is found
	$(BIN)/dedup scan seeds -o demo-out --force --format text

test: build  ## the tests, on all cores
	$(BIN)/python -m pytest -n auto

test-all: test  ## the tests, the pure backend, kills of an index and of scans, flipped bytes
	DEDUP_BACKEND=pure $(BIN)/python -m pytest -n auto tests/text tests/test_seeds.py
	$(BIN)/python -m tests.index.kills 200
	$(BIN)/python -m tests.kills 20
	$(BIN)/python -m tests.index.flips 997

check: build  ## style, types, C++ warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$${CXX:-g++} -std=c++17 -fsyntax-only $(WARNINGS) -DPy_LIMITED_API=0x030B0000 \
	  -I$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))') \
	  $(SOURCES)

ASAN_DIR := build/asan
asan: build  ## the core's tests under two sanitizers, with every instruction set
	mkdir -p $(ASAN_DIR)/dedup
	cp -R dedup/. $(ASAN_DIR)/dedup/
	rm -f $(ASAN_DIR)/dedup/core/_native*.so
	$${CXX:-g++} -std=c++17 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	  -fno-sanitize-recover=all -ffp-contract=off $(WARNINGS) -shared -fPIC \
	  -DPy_LIMITED_API=0x030B0000 \
	  -I$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))') \
	  $(SOURCES) -o $(ASAN_DIR)/dedup/core/_native.abi3.so
	LD_PRELOAD="$$($${CXX:-g++} -print-file-name=libasan.so) $$($${CXX:-g++} -print-file-name=libstdc++.so.6)" \
	  ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=$(ASAN_DIR) DEDUP_TESTED_FROM=$(ASAN_DIR) \
	  $(BIN)/python -P -m pytest -n auto tests/core tests/verify tests/sketch -p no:cacheprovider

# With the instruction set that most machines have, so that they compare; BENCH_CPU=avx512 for more.
BENCH_CPU ?= avx2
bench: build  ## speed, memory and recall beside the peers; record, tables, plots (30 minutes)
	DEDUP_CPU=$(BENCH_CPU) $(BIN)/python -m benchmarks.run all --n 2000,20000,200000

perf: build  ## instructions per word of each kernel (needs valgrind)
	$(BIN)/python -m benchmarks.perf

quality: build  ## recall and precision against planted truth
	$(BIN)/python -m benchmarks.run quality

docs: build  ## write docs/cli.md from the commands' help
	$(BIN)/python -m tests.cli_document docs/cli.md

wheel: build  ## the wheel, in dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove what the targets made
	rm -rf $(VENV) build dist demo-out *.egg-info dedup/core/_native*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
