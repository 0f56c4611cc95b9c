# Everything runs from a fresh clone: `make demo` and `make test` set up what they need.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo reset test test-slow check bench pictures system

PYTHON := .venv/bin/python

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile

demo: .venv/complete ## serve the demonstration on http://localhost:8000 (make demo PORT=8001 for another port)
	@.ci/system demo
	@MODE=demonstration $(PYTHON) manage.py demo

reset: ## remove the demonstration's data, then start it again
	@if [ -s var/demo.pid ] && kill -0 "$$(cat var/demo.pid)" 2>/dev/null; then \
	    echo "The demonstration is running (process $$(cat var/demo.pid)): stop it first. If that is another program, delete var/demo.pid." >&2; \
	    exit 1; \
	fi
	@rm -rf var
	@$(MAKE) demo

test: .venv/complete ## run the tests on PostgreSQL, on SQLite and in a browser (make test T="expression" for a part)
	@.ci/system
	@.ci/test $(if $(T),"$(T)")

test-slow: .venv/complete ## crawl every screen, validate every kind of PDF (make test-slow T="expression" for a part)
	@.ci/system
	@.ci/test --slow $(if $(T),"$(T)")

check: .venv/complete ## check format, lint, templates, imports, sizes, types, migrations, production settings
	@.ci/system demo
	.venv/bin/ruff format --check --output-format concise .
	.venv/bin/ruff check --output-format concise .
	@echo .venv/bin/djade --check templates
	@find templates -type f \( -name '*.html' -o -name '*.txt' \) -exec .venv/bin/djade --target-version 6.1 --check {} +
	.venv/bin/lint-imports --no-logo
	$(PYTHON) -m tests.limits
	MODE=test $(PYTHON) -m mypy
	MODE=test DATABASE_URL=sqlite://:memory: $(PYTHON) manage.py makemigrations --check --dry-run
	MODE=production DEBUG=false ALLOWED_HOSTS=example.org DATABASE_URL=sqlite://:memory: BOX_WITHOUT_WALLS=true \
	    SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	    $(PYTHON) manage.py check --deploy --fail-level WARNING

bench: .venv/complete ## measure the promised numbers: SQLite, PostgreSQL, a browser, Lighthouse
	@.ci/system bench
	@$(PYTHON) tests/postgres.py -- $(PYTHON) -m tests.bench

pictures: .venv/complete ## take the pictures of the README anew, from a demonstration of their own
	@.ci/system
	@$(PYTHON) -m tests.pictures

system: ## install the system packages of packages.apt that are missing (root on Debian or Ubuntu)
	@.ci/system
	@echo "All of packages.apt is there."

# The virtual environment. Its stamp holds its folder: one that was moved, or whose Python is gone, is made anew.
# So is one whose installation was interrupted: the stamp gets its name at the end.
$(shell [ ! -e .venv/complete ] || { [ "$$(cat .venv/complete)" = "$$(pwd -P)" ] && $(PYTHON) -c ''; } 2>/dev/null || rm -rf .venv)

.venv/complete: requirements.txt
	@if [ -e .venv/installing ]; then rm -rf .venv; fi
	@if ! $(PYTHON) -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	    python=$$(.ci/python); \
	    source .ci/logged; \
	    logged "$$python" -m venv --clear .venv; \
	fi
	@echo "Installing requirements.txt in .venv ($$($(PYTHON) --version))"
	@rm -f $@ && pwd -P > .venv/installing
	@source .ci/logged; \
	    logged $(PYTHON) -m pip install --disable-pip-version-check --no-input --progress-bar off --root-user-action ignore \
	    --require-hashes -r requirements.txt
	@mv .venv/installing $@
