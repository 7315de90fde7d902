# `make` prints this help. Works with GNU make 3.81 and later, and a POSIX shell.

BIN := .venv/bin
READY := .venv/.ready
# sqlfluff lets dbt render the models; no warehouse is needed for that, and any day will do.
SQLFLUFF := PILOTAGE_WAREHOUSE=:memory: PILOTAGE_AS_OF_AT=2026-01-01 PILOTAGE_AS_OF_DATE=2025-12-31 \
    DBT_TARGET_PATH="$(CURDIR)/var/lint" \
    DBT_LOG_PATH="$(CURDIR)/var/lint" DO_NOT_TRACK=1 $(BIN)/sqlfluff

# Secrets that are none: the word itself, a variable's name, a sentence, and those that tests plant.
MADE_UP := ^(p|pw|password|[A-Z_]+|the .*|.*(c4nary|p4ss|s3cret|k3y|t0ken).*)$$

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-long bench dev backfill alerts quarantine replay contract docs lint fix lock sbom licences clean

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## Make .venv with everything of requirements.lock (the other targets do it too)

demo: $(READY)  ## The whole chain on the demo company (SCALE=1: 40 reps, 6,000 opportunities)
	@$(BIN)/pilotage run --company demo

run: $(READY)  ## The whole chain: make run COMPANY=<name or folder> [AS_OF=YYYY-MM-DD]
	@$(BIN)/pilotage run --company "$(or $(COMPANY),demo)" --as-of "$(AS_OF)"

test: $(READY)  ## All tests but the long ones [TESTS=tests/ingest]
	@$(BIN)/pytest -m "not long" $(TESTS)

test-long: $(READY)  ## The tests that take minutes [TESTS=...]
	@$(BIN)/pytest -m long $(TESTS)

bench: $(READY)  ## What a run costs beside its own SQL run bare [SCALE=S|M|L]
	@$(BIN)/python bench/chain.py "$(or $(SCALE),S)"

dev: $(READY)  ## Dagster's web interface on http://127.0.0.1:3000 [COMPANY=...]
	@$(BIN)/pilotage dev --company "$(or $(COMPANY),demo)"

backfill: $(READY)  ## The pipeline of past days as files, in one run: FROM=YYYY-MM-DD TO=YYYY-MM-DD
	@$(BIN)/pilotage backfill --company "$(or $(COMPANY),demo)" --from "$(FROM)" --to "$(TO)"

alerts: $(READY)  ## What is wrong, since when, whose it is [COMPANY=...]
	@$(BIN)/pilotage alerts list --company "$(or $(COMPANY),demo)"

quarantine: $(READY)  ## What was refused and why, grouped by reason [COMPANY=...]
	@$(BIN)/pilotage quarantine --company "$(or $(COMPANY),demo)"

replay: $(READY)  ## Load what of the quarantine fits by now, after a mend [COMPANY=... MENDED=file]
	@$(BIN)/pilotage replay --company "$(or $(COMPANY),demo)" --mended "$(MENDED)"

contract: $(READY)  ## The rules of the desk as an Open Data Contract Standard file [COMPANY=...]
	@$(BIN)/pilotage contract --company "$(or $(COMPANY),demo)"

docs: $(READY)  ## dbt's documentation of every table and column as one static page [COMPANY=...]
	@$(BIN)/pilotage docs --company "$(or $(COMPANY),demo)"

lint: $(READY)  ## Style, types, import rules, SQL style, rules of the house, links
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@# Asks nobody whether it found a real one (-n). What it may find: CONTRIBUTING.md, "Secrets".
	git ls-files -z ':!*.lock' ':!*.png' ':!*.csv' ':!*.sql' ':!docs/licences.md' | \
	    xargs -0 $(BIN)/detect-secrets-hook -n --exclude-secrets "$(MADE_UP)" --exclude-lines "^GOLDEN = "
	$(SQLFLUFF) lint dbt_project/models dbt_project/tests
	@# A company's own models belong to the dbt project only while the company is chosen.
	@for company in tests/acceptance/*/models; do \
	    echo "sqlfluff lint $$company"; \
	    PILOTAGE_COMPANY_DIR="../$${company%/models}" $(SQLFLUFF) lint "$$company" || exit 1; \
	done
	$(BIN)/pytest tests/test_house.py tests/test_links.py tests/test_failure_messages.py

# What the lock says stays as long as it fits; deploy's is of the same versions. No address is written.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header
lock: $(READY)  ## Renew both locks by pyproject.toml [UPGRADE=all or UPGRADE=<package>]
	$(COMPILE) --extra dev --extra otel --extra server -o requirements.lock \
	    $(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
	$(COMPILE) --extra otel --extra server -c requirements.lock -o deploy/requirements.lock --upgrade

sbom: $(READY)  ## What the image is made of, and the whole lock, as CycloneDX: var/sbom/
	@mkdir -p var/sbom
	@for lock in requirements.lock deploy/requirements.lock; do \
	    name=$$(echo "$${lock%requirements.lock}" | tr -d /); name="var/sbom/$${name:-checkout}.cdx.json"; \
	    $(BIN)/python -W ignore -m cyclonedx_py requirements "$$lock" --pyproject pyproject.toml \
	        --output-reproducible -o "$$name" && echo "open $$name" || exit 1; \
	done

licences: $(READY)  ## The licences of what the image is made of: docs/licences.md
	$(BIN)/python deploy/licences.py

fix: $(READY)  ## Mend what can be mended: format, import order, simple style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(SQLFLUFF) fix dbt_project/models dbt_project/tests

clean:  ## Remove var/: what runs have made there, and the demo's deliveries
	rm -rf var dbt_project/target dbt_project/logs
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# One shell, so that a failure anywhere leaves no stamp. uv where it installs (seconds), else pip.
# Compiled once here: where Python may not write its caches, each start of a run is 10 s shorter.
$(READY): requirements.lock pyproject.toml
	@set -e; python=; \
	for name in python3.13 python3.12 python3.11 python3; do \
	    if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	        2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "No Python 3.11, 3.12 or 3.13 found on the PATH."; \
	    echo "  what to do: install one (Debian: apt install python3 python3-venv)"; exit 2; \
	fi; \
	if [ ! -x $(BIN)/python ]; then \
	    echo "Setting up .venv with $$python"; \
	    if ! $$python -m venv .venv >.venv.log 2>&1; then \
	        cat .venv.log; rm -rf .venv .venv.log; \
	        echo "$$python cannot make a virtual environment."; \
	        echo "  what to do: Debian: apt install python3-venv"; exit 2; \
	    fi; \
	    rm -f .venv.log; \
	fi; \
	$(BIN)/uv --version >/dev/null 2>&1 || \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check uv || true; \
	export VIRTUAL_ENV="$$PWD/.venv" UV_LINK_MODE=copy UV_SYSTEM_CERTS=1 UV_COMPILE_BYTECODE=1; \
	if ! { $(BIN)/uv pip sync --quiet --require-hashes requirements.lock && \
	    $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .; }; then \
	    echo "uv could not install; trying pip, which takes minutes"; \
	    $(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock; \
	    $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .; \
	fi; \
	touch $(READY)
