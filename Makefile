# Two commands are the whole of setting up: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
# A wheel index or certificate set for pip serves uv as well.
export UV_NATIVE_TLS := true

.PHONY: help run test lint types validate stories unit unit-beside unit-rest train seed shell eval bench bench-nlu browser audit chaos crowd clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.synced ## Install, train if needed, migrate, seed and serve on http://127.0.0.1:8080 (PORT changes it)
	@$(PYTHON) -m bot run

test: lint types train validate stories unit ## Everything CI checks

lint: .venv/.synced ## Style and format
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

types: .venv/.synced ## Types of bot/ and actions/
	@$(PYTHON) -m mypy bot actions

validate: .venv/.synced ## Rasa's own check of the training data and the domain
	@$(PYTHON) -m rasa data validate --data data --domain domain.yml

stories: train ## Rasa test stories against the trained model
	@$(PYTHON) -m rasa test core --stories tests/stories --fail-on-prediction-errors --out results/stories --model "$$($(PYTHON) -m bot model)"

unit: train browser ## Every pytest test: stores, interface, fleet, browser
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target unit-beside unit-rest

# Browsers wait most of the time, the others for processors: side by side, in halves of about the same length, both
# take two thirds.
BESIDE := tests/browser tests/stores tests/assistant

unit-beside:
	@$(PYTHON) -m pytest $(BESIDE)

unit-rest:
	@$(PYTHON) -m pytest $(BESIDE:%=--ignore %)

train: .venv/.synced ## Train the model if what it is made from has changed
	@$(PYTHON) -m bot train

seed: .venv/.synced ## Migrate and fill the database
	@$(PYTHON) -m bot migrate
	@$(PYTHON) -m bot seed

shell: train seed ## Talk to the bot in a terminal, through Rasa itself
	@$(PYTHON) -m rasa run actions --quiet & trap "kill $$!" EXIT; $(PYTHON) -m rasa shell --model "$$($(PYTHON) -m bot model)"

eval: train ## Measure understanding, answers and job classes; write docs/understanding.md, answers.md, job_classes.md
	@$(PYTHON) -m bench.understanding
	@$(PYTHON) -m bench.answers
	@$(PYTHON) -m bench.job_questions

bench: .venv/.synced ## Measure speed and size next to the stock Rasa starter (a quarter of an hour); write docs/benchmarks.md
	@$(PYTHON) -m bench.serving
	@$(PYTHON) -m bench.sockets

bench-nlu: .venv/.synced ## Measure understanding on public data: make bench-nlu DATA=dir
	@$(PYTHON) -m bench.nlu "$(DATA)"

audit: .venv/.synced ## Look up every locked package in the published list of known holes (needs the network)
	@$(PYTHON) -m bench.audit

chaos: train ## Kill parts at random while people talk (half an hour): make chaos FAULTS=220 SEED=20261122
	@CHAOS_VISITORS=50 CHAOS_FAULTS=$(or $(FAULTS),220) CHAOS_SEED=$(or $(SEED),20261122) $(PYTHON) -m pytest -s tests/fleet/test_chaos.py

crowd: train ## 200 visitors, 10 specialists and a fleet whose parts and model are replaced: make crowd VISITORS=1000
	@CROWD_VISITORS=$(or $(VISITORS),200) CROWD_SPECIALISTS=$(or $(SPECIALISTS),10) $(PYTHON) -m pytest -s tests/fleet/test_crowd.py

browser: ## Make sure that Chromium is there for the browser tests
	@bash tests/browser/ensure_chromium.sh

clean: ## Remove what was installed, trained and stored
	rm -rf .venv .uv models/*.tar.gz var results

.venv/.synced: pyproject.toml uv.lock .python-version
	@echo "Packages: installing from uv.lock ..."
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then \
	  if [ ! -x .uv/bin/uv ]; then \
	    echo "Packages: no uv here, putting one into .uv ..."; \
	    python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv; \
	  fi; \
	  uv=.uv/bin/uv; \
	fi; \
	"$$uv" sync --frozen --quiet --compile-bytecode
	@touch $@
