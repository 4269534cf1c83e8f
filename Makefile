# The words that people and CI use. Everything they need is installed by these targets; only Python >= 3.11 is assumed.
PYTHON ?= python3
UV_VERSION := 0.13.9
N ?= 1000
UV := $(shell command -v uv || echo .tools/uv/bin/uv)
RUN := .venv/bin
# What the commands of every day load when they start: whole packages, and modules with what they import. Where Python
# may keep no bytecode (PYTHONDONTWRITEBYTECODE), each start would compile all of it anew, which takes as long as the
# start itself.
STARTED := click duckdb google grpc numpy pulumi pyarrow regex rich sqlglot typer yaml
PROGRAM := azure.identity, infra.ingestion, local_azure.server, psycopg

.PHONY: help up test explore check fix docs patients environment engine browser down clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

up: environment ## Deploy the local stack on local Azure, run the pipelines on the sample, say what happened
	@$(RUN)/ingest local up

down: environment ## Stop local Azure; its state stays
	@$(RUN)/ingest local stop

test: environment engine browser ## Run all tests
	@$(RUN)/pytest $(PYTEST_OPTIONS)

explore: environment engine browser ## Run all tests in another order and with other random examples
	@HYPOTHESIS_PROFILE=explore $(RUN)/pytest --randomly-seed=$$(date +%s) $(PYTEST_OPTIONS)

check: environment ## Lint, types, import contracts, artifacts, workflows, generated files
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/ingest artifacts check pipelines_json
	$(RUN)/python tools/generate_sdk.py --check
	$(RUN)/python tools/generate_artifact_properties.py --check
	$(RUN)/python tools/generate_settings_reference.py --check
	$(RUN)/python tools/generate_dataflow_capabilities.py --check
	$(RUN)/python tools/check_workflows.py

fix: environment ## Format and repair what can be repaired
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

docs: environment ## Make the generated pages and files anew
	$(RUN)/python tools/generate_sdk.py
	$(RUN)/python tools/generate_artifact_properties.py
	$(RUN)/python tools/generate_settings_reference.py
	$(RUN)/python tools/generate_dataflow_capabilities.py

patients: environment ## Make more patients: make patients N=5000 (the next `make up` reads them)
	$(UV) sync --quiet --locked --inexact --group patients
	$(RUN)/python -m sample_data patients --count $(N) --folder $(or $(INGEST_LOCAL_FOLDER),.local)/samples

clean: ## Remove local state, environment and tools of this checkout
	@if [ -x $(RUN)/ingest ]; then $(RUN)/ingest local stop; fi
	rm -rf .local .venv .tools

engine: environment
	@$(RUN)/python -m pulumi_engine > /dev/null

browser: environment
	@$(RUN)/python tools/obtain_chromium.py > /dev/null

environment: .venv/.environment

.venv/.environment: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Say which: make PYTHON=python3.12 …")'
	@mkdir -p .tools
	@command -v $(UV) > /dev/null || { echo "installing uv $(UV_VERSION) from PyPI"; \
		$(PYTHON) -m venv .tools/uv && .tools/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@echo "installing the locked environment into .venv"
	@$(UV) sync --quiet --locked --python $(shell command -v $(PYTHON))
	@$(RUN)/python -m compileall -q src infra
	@cd .venv/lib/python*/site-packages && ../../../bin/python -m compileall -q $(STARTED)
	@PYTHONDONTWRITEBYTECODE= $(RUN)/python -c 'import $(PROGRAM)'
	@touch $@
