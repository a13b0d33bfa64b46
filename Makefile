# `make` lists what there is. Needs Python 3.11 or newer, or uv; everything else goes into .venv.
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help setup report lab test slow check lowest wheel picture lock environment sbom docs axe accessible bench bench-quick clean

# uv from PATH, else one that pip puts into .venv. PYTHON names another interpreter; ARGS are handed to the command.
# Bytecode is compiled once, at install: where it may not be written later, every kernel would start seconds slower.
UV := $(shell command -v uv 2>/dev/null || echo .venv/bin/uv)
# Two threads on small matrices are many times slower than one.
export OPENBLAS_NUM_THREADS := 1
# Compiled tests are kept, whatever the shell says: else each worker rewrites their assertions in every run.
test lowest: export PYTHONDONTWRITEBYTECODE :=
INSTALL = $(UV) pip install -q --compile-bytecode -c requirements.lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/.report ## Make .venv with what a report needs

report: .venv/.report ## Run the notebooks on the sample study; prints where the pages are
	@.venv/bin/cxgap report $(ARGS)

lab: .venv-lab/.lab ## Open the notebooks in JupyterLab
	.venv-lab/bin/jupyter lab notebooks $(ARGS)

test: .venv/.test ## Run the tests
	.venv/bin/python -m pytest -n 2 --dist loadfile $(ARGS)

slow: .venv/.test .venv/.spark .venv-scheduler/.scheduler .venv-airflow/.airflow ## Run the slow tests; PySpark needs Java
	.venv/bin/python -m pytest -m slow $(ARGS)

check: .venv/.check ## Check format, lint, types and who imports whom
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

lowest: .venv-lowest/.lowest ## Run the tests and a report on the lowest versions that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -n 2 --dist loadfile $(ARGS)
	.venv-lowest/bin/cxgap report

wheel: | .venv/bin/python $(UV) ## Build the wheel, install it far from these files and run a report with it
	rm -rf dist
	$(UV) build -q --python .venv/bin/python
	@set -e; away=$$(mktemp -d); trap 'rm -rf "$$away"' EXIT; \
	$(UV) venv -q --python .venv/bin/python "$$away/venv"; \
	$(INSTALL) --python "$$away/venv" "$$(echo dist/*.whl)[report]"; \
	cd "$$away"; venv/bin/cxgap report

picture: report ## Draw docs/page.png from a page of the report; needs Chromium
	.venv/bin/python tools/picture.py reports/customer/report.html docs/page.png

lock: | .venv/bin/python $(UV) ## Pin what pyproject.toml asks for; ARGS=--upgrade takes the newest of all
	$(UV) pip compile -q pyproject.toml -o requirements.lock --universal --python-version 3.11 --all-extras \
	    --generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(ARGS)

environment: | .venv/bin/python ## Write environment.yml from pyproject.toml
	.venv/bin/python tools/environment.py

axe: .venv/axe/node_modules ## Fetch axe-core, by which pages are checked for accessibility; needs npm

accessible: .venv/.test axe ## Check the pages in reports/ for accessibility, in every colour scheme
	CXGAP_PAGES=reports .venv/bin/python -m pytest -m slow tests/report/test_accessibility.py

sbom: .venv/.report ## Write dist/cxgap.cdx.json, the bill of materials of requirements.lock
	@.venv/bin/python tools/sbom.py

docs: .venv/.report ## Write docs/cli.md, columns.md and policy.md from the commands, the catalogue and the checks
	.venv/bin/python tools/commands.py
	.venv/bin/python tools/columns.py
	.venv/bin/python tools/policy.py

bench: .venv-bench/.bench ## Time cxgap against what people use, as benchmarks/README.md says; ARGS=--only=G2
	.venv-bench/bin/python -m benchmarks.suite --json benchmarks/results.json --resume --write $(ARGS)

bench-quick: .venv-bench/.bench ## The same at the smallest sizes, in minutes; writes nothing
	.venv-bench/bin/python -m benchmarks.suite --suite quick --reps 1 $(ARGS)

clean: ## Remove environments, builds and caches; reports stay
	rm -rf .venv .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Each stamp is touched only after its install succeeded. uv checks every download against the hashes of the lock.
.venv/.%: pyproject.toml requirements.lock .venv/bin/python | $(UV)
	$(INSTALL) --python .venv/bin/python -e '.[$*]'
	@touch $@

# JupyterLab has an environment of its own, because beside it every kernel takes seconds longer to start.
.venv-lab/.lab: pyproject.toml requirements.lock | .venv/bin/python $(UV)
	rm -rf .venv-lab
	$(UV) venv -q --python .venv/bin/python .venv-lab
	$(INSTALL) --python .venv-lab/bin/python -e '.[lab]'
	@touch $@

.venv/axe/node_modules: tools/axe/package-lock.json | .venv/bin/python
	mkdir -p .venv/axe
	cp tools/axe/*.json .venv/axe/
	npm ci --prefix .venv/axe --ignore-scripts --no-audit --no-fund

# Schedulers have environments of their own too; tests/schedules runs jobs in them.
.venv-scheduler/.scheduler: pyproject.toml requirements.lock | .venv/bin/python $(UV)
	rm -rf .venv-scheduler
	$(UV) venv -q --python .venv/bin/python .venv-scheduler
	$(INSTALL) --python .venv-scheduler/bin/python -e '.[report]' jupyter-scheduler==2.12.1
	@touch $@

# cxgap is not in Airflow's: a DAG only calls it.
.venv-airflow/.airflow: | .venv/bin/python $(UV)
	rm -rf .venv-airflow
	$(UV) venv -q --python .venv/bin/python .venv-airflow
	$(UV) pip install -q --compile-bytecode --python .venv-airflow/bin/python apache-airflow==3.3.2 \
	    apache-airflow-providers-papermill==3.13.3 apache-airflow-providers-standard==1.21.0
	@touch $@

# What cxgap is compared with has no place beside it; pinned, because a ratio is of two versions.
.venv-bench/.bench: pyproject.toml requirements.lock benchmarks/peers.txt | .venv/bin/python $(UV)
	rm -rf .venv-bench
	$(UV) venv -q --python .venv/bin/python .venv-bench
	$(INSTALL) --python .venv-bench/bin/python -e '.[report]' -r benchmarks/peers.txt
	@touch $@

.venv-lowest/.lowest: pyproject.toml | .venv/bin/python $(UV)
	rm -rf .venv-lowest
	$(UV) venv -q --python 3.11 .venv-lowest
	$(UV) pip install -q --compile-bytecode --python .venv-lowest/bin/python --resolution lowest-direct -e '.[test]'
	@touch $@

# Where the interpreter is gone, being phony makes the environment and its stamps anew.
.PHONY: $(shell test -x .venv/bin/python || echo .venv/bin/python)
.venv/bin/python:
	@rm -rf .venv
ifneq ($(UV),.venv/bin/uv)
	$(UV) venv -q --python '$(or $(PYTHON),>=3.11)' .venv
else
	@$(or $(PYTHON),python3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo >&2 \
	    'cxgap needs Python 3.11 or newer, which $(or $(PYTHON),python3) is not: make PYTHON=python3.12, or install uv.'; exit 2; }
	@$(or $(PYTHON),python3) -c 'import ensurepip, venv' 2>/dev/null || { echo >&2 \
	    '$(or $(PYTHON),python3) cannot make environments: sudo apt install python3-venv, or install uv.'; exit 2; }
	$(or $(PYTHON),python3) -m venv .venv || { rm -rf .venv; exit 2; }
endif

# An environment that uv made has no pip.
.venv/bin/uv: | .venv/bin/python
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
	.venv/bin/python -m pip install -q uv
