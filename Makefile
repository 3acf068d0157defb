# Two commands from a fresh clone: `make run` and `make test`. `make help` lists the rest.
# PORT=8000 and VAR=var (the data folder) change the place; DATABASE_URL, CELERY_BROKER_URL, … the services (README.md).

.DEFAULT_GOAL := help
.PHONY: help run test unit e2e test-slurm check crash bench format venv lock clean
MAKEFLAGS += --no-print-directory

# A name in the path may be an empty shim: it counts when it runs.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
PREPARE = @$(if $(PYTHON),$(PYTHON),$(error Python 3.11 or newer is needed: install it, or name it with PYTHON=)) -m incubator.running.prepare
TEST = @.venv/bin/python -m incubator.running.suite
ARGS ?=

# What the person gave on make's command line, and nothing that was not given.
export PORT VAR DEMO DATABASE_URL CELERY_BROKER_URL CAMP_ENV SECRET_KEY ALLOWED_HOSTS EMAIL_URL STORAGE_URL CAMP_CLAMD
$(foreach name,PORT VAR DEMO DATABASE_URL CELERY_BROKER_URL CAMP_ENV SECRET_KEY ALLOWED_HOSTS EMAIL_URL STORAGE_URL CAMP_CLAMD,\
	$(if $(value $(name)),,$(eval unexport $(name))))

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

run:  ## the whole camp on http://127.0.0.1:8000/, with a demonstration camp (DEMO=0: empty)
	$(PREPARE) venv assets
	@.venv/bin/python -m incubator.running.run

test:  ## the whole test suite, browser tests included (ARGS= goes to pytest)
	$(PREPARE) venv assets browser
	$(TEST) tests $(ARGS)

unit:  ## the suite without the browser tests
	$(PREPARE) venv assets
	$(TEST) tests --ignore=tests/e2e $(ARGS)

e2e:  ## the browser tests
	$(PREPARE) venv assets browser
	$(TEST) tests/e2e $(ARGS)

test-slurm:  ## limits and usage against a real Slurm, which it installs (Debian, as root) and boots
	$(PREPARE) venv assets slurm
	$(TEST) --slurm $(ARGS)

check:  ## lint, types, templates, imports, migrations, translations, audit of the dependencies
	$(PREPARE) venv gettext
	@.venv/bin/python -m incubator.running.check

crash:  ## fifty crashes in the middle of imports of 100,000 rows (CRASHES=, CRASH_ROWS=, CRASH_SEED=)
	$(PREPARE) venv assets
	@CRASHES=$${CRASHES:-50} CRASH_ROWS=$${CRASH_ROWS:-100000} .venv/bin/python -m pytest -p no:xdist -q -s tests/concurrency/test_crash.py $(ARGS)

bench:  ## the benchmarks: a table, and VAR/bench.json
	$(PREPARE) venv assets
	@.venv/bin/python -m incubator.running.suite --bench $(ARGS)

format:  ## lay out code and templates as make check wants them
	$(PREPARE) venv
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format --quiet . ; \
		find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} + 2>/dev/null ; true

venv:  ## the virtual environment and the node modules, up to date
	$(PREPARE) venv assets

lock:  ## write the lock files again after a change of pyproject.toml or package.json (needs uv and npm)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 -o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group dev \
		-c requirements.lock -o requirements-dev.lock pyproject.toml
	npm install --package-lock-only --ignore-scripts

clean:  ## remove what commands made, but for VAR and its data
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
