# portalis-lab. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
PROFILE ?= quick
BENCH_SECONDS ?= 450
FUZZ_SECONDS ?= 60
TIDY_FOLDERS ?= memory kernels probes driver extension
VALGRIND_TESTS ?= $(addprefix tests/memory/test_,$(addsuffix .py,arena buffer batch cow linear))
GRAMMAR_ARGS ?= --corpus lab --variants best --mutants 500 --programs 500 --layouts 1000
ARGS ?=
BIN := $(VENV)/bin
BUILD = build/py-$(notdir $(VENV))
LAB := $(BIN)/lab
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
BUILD_TOOLS := "scikit-build-core>=1.0" "cffi>=2.1" "cmake>=3.29" "ninja>=1.11"
# What the wheel is built of: no test, fuzz target or tool, so that to edit one of them installs nothing again.
NATIVE_SOURCES := $(shell find native -type d \( -name tests -o -name fuzz -o -name tools -o -name toolchains \) -prune -o \
	-type f \( -name '*.c' -o -name '*.h' -o -name '*.txt' -o -name '*.py' -o -name '*.cmake' -o -name '*.in' \) -print)
C_SOURCES = $(shell find native -name '*.c' -o -name '*.h')

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z][a-z0-9_%-]*:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- setting up --------------------------------------------------------------------------------------------------

$(VENV)/.venv-made:
	@$(PYTHON) -c 'import sys; sys.exit("portalis-lab needs Python 3.11 or later, this is " + sys.version.split()[0] + "; set PYTHON=python3.x") if sys.version_info < (3, 11) else None'
	@command -v $${CC:-cc} >/dev/null || { echo "no C compiler found; install gcc or clang (Debian: apt-get install build-essential)"; exit 4; }
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 4; }
	@touch $@

# The part of pyproject.toml that decides what is installed; its date changes only when its content does.
$(VENV)/.requires: pyproject.toml $(VENV)/.venv-made
	@$(BIN)/python -c "$$REQUIRES" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The project and build tables as JSON, then the packages that a run needs, one a line behind "# ".
define REQUIRES
import json, tomllib
with open("pyproject.toml", "rb") as file:
    found = tomllib.load(file)
print("#", json.dumps([found["build-system"], found["project"], found["tool"]["scikit-build"]], sort_keys=True))
print(*found["project"]["dependencies"], sep="\n")
endef
export REQUIRES

# Packages are fetched while the compiler works. The two installations touch different packages.
$(VENV)/.installed: $(VENV)/.requires $(NATIVE_SOURCES)
	@echo "installing portalis-lab and building its native part"
	@$(PIP) install --no-compile $(BUILD_TOOLS)
	@$(PIP) install --no-compile --no-warn-conflicts -r $(VENV)/.requires >$(VENV)/requires.log 2>&1 & packages=$$!; \
	PATH="$(abspath $(BIN)):$$PATH" $(PIP) install --no-compile --no-deps --no-build-isolation -C build-dir=$(BUILD) -e . \
	  || { kill $$packages 2>/dev/null; wait; exit 1; }; \
	wait $$packages || { cat $(VENV)/requires.log >&2; exit 1; }
	@touch $@

$(VENV)/.dev: $(VENV)/.requires | $(VENV)/.installed
	@echo "installing the development tools"
	@PATH="$(abspath $(BIN)):$$PATH" $(PIP) install --no-compile --no-build-isolation -C build-dir=$(BUILD) -e '.[dev]'
	@touch $@

.PHONY: setup
setup: $(VENV)/.installed ## Make the virtual environment and build the native part

# --- what a user does --------------------------------------------------------------------------------------------

.PHONY: experiments
experiments: $(VENV)/.installed ## Run the experiments on real input and write the HTML report (PROFILE=quick|standard|full)
	@$(LAB) run --profile $(PROFILE) $(ARGS)

.PHONY: experiment-%
experiment-%: $(VENV)/.installed
	@$(LAB) run $* --profile $(PROFILE) $(ARGS)

experiment-layout: ## Records in rows or in columns: does the layout pay?
experiment-pooling: ## Fresh buffers or pooled ones: does the pool pay?
experiment-alignment: ## Aligned or not: does alignment pay?
experiment-translation: ## A whole front end with and without the memory layer
experiment-ablation: ## What each memory technique brings among the others

.PHONY: selftest
selftest: $(VENV)/.installed ## Judge identical code and planted slowdowns by the lab's own rule
	@$(LAB) run selftest --profile $(PROFILE) $(ARGS)

.PHONY: simulate
simulate: $(VENV)/.installed ## How often the verdicts are wrong and how much they find, simulated (ARGS="SEED RUNS")
	@$(BIN)/python -m lab.report.simulation $(ARGS)
.PHONY: calibrate
calibrate: $(VENV)/.installed ## What this machine can tell apart; sets the margins of later runs (ARGS="--minutes 40")
	@$(LAB) calibrate $(ARGS)

.PHONY: judges
judges: $(VENV)/.dev ## False alarms and finds of other tools on the self-test's Python kernel
	@$(BIN)/python -m experiments.judges $(ARGS)

.PHONY: doctor
doctor: $(VENV)/.installed ## What this machine can and cannot measure, and what would help
	@$(LAB) doctor

.PHONY: bench
bench: $(VENV)/.dev ## Time the bulk Python calls (pytest-benchmark), then the memory layer beside its peers (PROFILE=...)
	@mkdir -p reports/bench
	@$(BIN)/python -m pytest tests/benchmarks --benchmark-enable --benchmark-only --benchmark-json=reports/bench/python.json
	@$(LAB) run peers --profile $(PROFILE) --budget $(BENCH_SECONDS) --reports reports/bench $(ARGS)
	@$(LAB) export --reports reports/bench --format peers --output reports/bench/peers.json

# --- tests -------------------------------------------------------------------------------------------------------

.PHONY: test
test: $(VENV)/.dev test-native ## The whole test suite: C and Python
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# Builds a preset (silent unless it fails) and runs its tests.
define ctest_preset
	@cd native && export PATH="$(abspath $(BIN)):$$PATH" && mkdir -p ../build && log=../build/native-$(1).log && \
	{ cmake --preset $(1) && cmake --build --preset $(1); } >$$log 2>&1 || { cat $$log; exit 1; }; \
	echo "C tests, preset $(1)"; ctest --preset $(1) --progress --parallel 2 >$$log 2>&1 || { cat $$log; exit 1; }; tail -3 $$log
endef

TEST_FOLDERS := memory/tests frontend/tests kernels/tests probes/tests fuzz

.PHONY: test-native
test-native: $(VENV)/.installed ## The C tests, beside the libraries that are installed
	@export PATH="$(abspath $(BIN)):$$PATH"; log=$(BUILD)/tests.log; \
	cmake --build $(BUILD) --target $(addsuffix /all,$(TEST_FOLDERS)) >$$log 2>&1 || { cat $$log; exit 1; }; \
	echo "C tests"; ctest --test-dir $(BUILD) --output-on-failure --progress --parallel 2 >$$log 2>&1 || { cat $$log; exit 1; }; \
	tail -3 $$log

.PHONY: test-sanitized
test-sanitized: $(VENV)/.installed ## The C tests as a debug build, and under ASan+UBSan, TSan and Valgrind
	$(call ctest_preset,dev)
	$(call ctest_preset,asan)
	$(call ctest_preset,tsan)
	@command -v valgrind >/dev/null || { echo "valgrind is not installed; on Debian: apt-get install valgrind"; exit 4; }
	$(call ctest_preset,memcheck)

.PHONY: test-kills
test-kills: $(VENV)/.dev ## Kill a run at twenty moments and resume it each time
	@$(BIN)/python -m pytest tests/stress -s $(ARGS)

# $(1): pairs of a command or file that must be there and the Debian package that brings it.
define needs
	@missing=""; for pair in $(1); do \
	  command -v $${pair%%:*} >/dev/null || [ -e $${pair%%:*} ] || missing="$$missing $${pair##*:}"; done; \
	[ -z "$$missing" ] || { echo "not installed here; on Debian: apt-get install -y --no-install-recommends$$missing"; exit 4; }
endef

CROSS_PAIRS := aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross \
	qemu-aarch64:qemu-user x86_64-w64-mingw32-gcc-win32:gcc-mingw-w64-x86-64 wine:wine /usr/lib/wine/wine64:wine64

.PHONY: cross
cross: $(VENV)/.installed ## The C tests of memory layer and front end for 64-bit ARM (qemu) and for Windows (mingw, wine)
	$(call needs,$(CROSS_PAIRS))
	$(call ctest_preset,aarch64)
	$(call ctest_preset,windows)

.PHONY: fuzz
fuzz: $(VENV)/.installed ## Fuzz memory layer and front end with clang's libFuzzer, FUZZ_SECONDS for each component
	$(call needs,clang:clang clang:libclang-rt-dev)
	@cd native && export PATH="$(abspath $(BIN)):$$PATH" && { cmake --preset fuzz && cmake --build --preset fuzz; } >/dev/null
	@for target in $(patsubst native/fuzz/fuzz_%.c,%,$(wildcard native/fuzz/fuzz_*.c)); do \
	  echo "fuzzing $$target for $(FUZZ_SECONDS) s"; mkdir -p build/fuzz/$$target; log=build/fuzz/$$target.log; \
	  ASAN_OPTIONS=allocator_may_return_null=1 build/native-fuzz/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) \
	    -max_len=4096 -artifact_prefix=build/fuzz/$$target- build/fuzz/$$target native/fuzz/corpus/$$target \
	    >$$log 2>&1 || { tail -60 $$log; exit 1; }; \
	  tail -1 $$log; done

# The compiled modules with AddressSanitizer and UBSan; tests/native/sanitized/run.sh puts them in place.
define sanitized_modules
	@cd native && export PATH="$(abspath $(BIN)):$$PATH" && mkdir -p ../build && log=../build/py-asan.log && \
	{ cmake -S . -B ../build/py-asan -G Ninja -DLAB_PYTHON=ON -DLAB_TESTS=OFF -DLAB_SANITIZE=address,undefined \
	    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPython_EXECUTABLE="$(abspath $(BIN))/python" && \
	  cmake --build ../build/py-asan --target binding/all extension/all; } >$$log 2>&1 || { cat $$log; exit 1; }
endef

.PHONY: test-python-asan
test-python-asan: $(VENV)/.dev ## The Python tests of the memory layer and the attacks under ASan+UBSan
	$(call sanitized_modules)
	@tests/native/sanitized/run.sh build/py-asan $(BIN)/python -m pytest -p no:cacheprovider \
	  $(if $(ARGS),$(ARGS),tests/memory tests/attack)

.PHONY: test-python-valgrind
test-python-valgrind: $(VENV)/.dev ## The Python tests of the memory layer under Valgrind: no definite leak, no bad access
	@command -v valgrind >/dev/null || { echo "valgrind is not installed; on Debian: apt-get install valgrind"; exit 4; }
	@PYTHONMALLOC=malloc valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --undef-value-errors=no \
	  --errors-for-leak-kinds=definite --suppressions=tests/native/python.supp --trace-children=no \
	  $(BIN)/python -m pytest -p no:cacheprovider $(if $(ARGS),$(ARGS),$(VALGRIND_TESTS))

.PHONY: attack
attack: $(VENV)/.dev ## Attack everything: fuzzing, page edges, threads, objects, texts (FUZZ_SECONDS for each fuzz target)
	@command -v clang >/dev/null && cd native && export PATH="$(abspath $(BIN)):$$PATH" && \
	  { cmake --preset fuzz && cmake --build --preset fuzz; } >/dev/null || echo "no libFuzzer here: targets replay"
	@cd native && export PATH="$(abspath $(BIN)):$$PATH" && for preset in asan tsan; do \
	  { cmake --preset $$preset && cmake --build --preset $$preset; } >/dev/null || exit 1; done
	$(call sanitized_modules)
	@$(BIN)/python -m tests.attack.run --seconds $(FUZZ_SECONDS) $(ARGS)

.PHONY: attack-short
attack-short: $(VENV)/.dev # What CI holds: a minute, with the builds of test-sanitized
	@$(BIN)/python -m tests.attack.run --short

.PHONY: coverage
coverage: $(VENV)/.dev ## Lines of the memory layer that its tests reach, in C and in Python; fails below 90 %
	@find build/native-coverage -name '*.gcda' -delete 2>/dev/null || true
	$(call ctest_preset,coverage)
	@$(BIN)/gcovr --root native/memory --filter native/memory/src --filter native/memory/include --fail-under-line 90 \
	  build/native-coverage
	@$(BIN)/python -m pytest tests/memory --cov=lab.memory --cov-fail-under=90 --cov-report=term

.PHONY: test-install
test-install: $(VENV)/.installed ## The C library and the wheel, installed and used from outside
	@PATH="$(abspath $(BIN)):$$PATH" native/memory/tests/consumer/check.sh
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tests/native/check_wheel.py

.PHONY: test-all
test-all: ## The suite on every Python from 3.11 on that is found
	@found=0; for version in 3.11 3.12 3.13 3.14; do \
	  if python$$version -c 'import venv, ensurepip' 2>/dev/null; then \
	    found=1; echo "== Python $$version"; \
	    $(MAKE) VENV=.venv-$$version PYTHON=python$$version .venv-$$version/.dev; \
	    .venv-$$version/bin/python -m pytest $(ARGS); \
	  fi; \
	done; [ $$found = 1 ] || { echo "no Python 3.11 or later found"; exit 4; }
	@$(MAKE) verify-grammars

# Exit code 4 is that there is no such CPython here; the command has said what to install. The line of an error is
# compared for 3.11 alone: which of two errors in a mutant goes first is a known limit of later grammars.
NOT_LINES := $(addprefix --step ,accept tokens kinds plain full columns)
.PHONY: verify-grammars
verify-grammars: $(VENV)/.installed ## The front end beside each CPython from 3.11 on that is found (GRAMMAR_ARGS="...")
	@verified=0; for version in 3.11 3.12 3.13 3.14; do \
	  echo "== the grammar of Python $$version"; code=0; \
	  steps=""; [ $$version = 3.11 ] || steps="$(NOT_LINES)"; \
	  $(LAB) verify-frontend --grammar $$version $$steps $(GRAMMAR_ARGS) || code=$$?; \
	  case $$code in 0) verified=1;; 4) ;; *) exit $$code;; esac; \
	done; [ $$verified = 1 ] || { echo "no grammar was verified"; exit 4; }

# --- what CI holds -----------------------------------------------------------------------------------------------

.PHONY: format
format: $(VENV)/.dev ## Format Python and C
	@$(BIN)/ruff format lab experiments tests native
	@$(BIN)/ruff check --fix --quiet lab experiments tests native || true
	@$(BIN)/clang-format -i $(C_SOURCES)

.PHONY: lint
lint: $(VENV)/.dev ## Format, lint, types and layer rules, checked only
	@$(BIN)/ruff format --check lab experiments tests native
	@$(BIN)/ruff check lab experiments tests native
	@$(BIN)/clang-format --dry-run -Werror $(C_SOURCES)
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) tidy

.PHONY: tidy
tidy: $(VENV)/.dev ## clang-tidy on the C files; what was clean is remembered until it changes
	@cd native && export PATH="$(abspath $(BIN)):$$PATH" && mkdir -p ../build && log=../build/tidy.log && \
	cmake -S . -B ../build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Debug -DLAB_PYTHON=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
	  -DPython_EXECUTABLE="$(abspath $(BIN))/python" >$$log 2>&1 || { cat $$log; exit 1; }
	@$(BIN)/python tests/native/tidy.py $(BIN)/clang-tidy build/tidy $(TIDY_FOLDERS)

.PHONY: check-report
check-report: $(VENV)/.dev ## Open the newest report in headless Chromium and check the page
	@$(BIN)/python -m pytest tests/browser

.PHONY: notebook
notebook: $(VENV)/.dev ## Execute the notebooks
	@$(BIN)/python -m pytest tests/notebooks

.PHONY: gate
gate: $(VENV)/.installed ## Compare the deterministic figures with the committed baseline
	@$(LAB) gate --baseline reports/baselines/gate.json

.PHONY: ci-system
ci-system: # What a bare Debian machine needs beyond python3, a C compiler and make
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  missing=""; for pair in valgrind:valgrind chromium:chromium cc:gcc c++:g++ pkg-config:pkg-config; do \
	    command -v $${pair%%:*} >/dev/null || [ -e $${pair%%:*} ] || missing="$$missing $${pair##*:}"; done; \
	  if [ -n "$$missing" ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing libc6-dbg >/dev/null; fi; \
	fi

.PHONY: ci
ci: ci-system ## Everything that CI holds
	@$(MAKE) lint
	@$(MAKE) test
	@$(MAKE) test-sanitized
	@$(MAKE) attack-short
	@$(MAKE) test-install
	@$(MAKE) gate
	@$(MAKE) test-kills
	@$(MAKE) notebook
	@$(MAKE) experiments ARGS="--budget 60"
	@$(MAKE) check-report

.PHONY: clean
clean: ## Remove what was built and measured
	rm -rf build .venv* reports/runs reports/latest reports/cache reports/bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
