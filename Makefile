# Two commands are all a newcomer needs: make run, make test. The rest is for developers.
# LIGHT=1 leaves torch, ultralytics and what else better models need out; BARE=1 what
# only tests, types and benchmarks need.

VENV   := .venv
PY     := $(VENV)/bin/python
UV     := $(VENV)/bin/uv
PORT   ?= 8000
HEAVY  := torch|torchvision|ultralytics|insightface|openvino|omegaconf
STAMP  := $(VENV)/.installed-$(if $(LIGHT),light,whole)$(if $(BARE),-bare)
ASKED  := requirements.txt requirements-dev.txt requirements.lock requirements-overrides.txt

.PHONY: help setup run demo test test-core test-site test-long test-services test-browser test-golden lint bench golden screens load lock clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(STAMP) weights ## environment and weights; quick when repeated

$(UV):
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check uv

$(STAMP): $(UV) $(ASKED)
	grep -vE '$(if $(LIGHT),^($(HEAVY))\b,^$$)|^-r ' requirements.txt > $(VENV)/asked.txt
	$(if $(BARE),,grep -v '^-r ' requirements-dev.txt >> $(VENV)/asked.txt)
	UV_LINK_MODE=$(or $(UV_LINK_MODE),hardlink) $(UV) pip install --quiet --python $(PY) \
	  -r $(VENV)/asked.txt -c requirements.lock --override requirements-overrides.txt
	@rm -f $(VENV)/.installed-*; touch $@

.PHONY: weights
weights: $(STAMP)
	@$(PY) -m privacy.core weights fetch --quiet

run: setup ## serve on http://localhost:$(PORT), with a demo
	@exec $(PY) manage.py serve --demo --port $(PORT)

test: test-core test-site ## everything that needs no server: under 10 minutes

test-site: setup
	NOPEEK_ENV=test $(PY) -m pytest tests -n 2 --ignore=tests/core --ignore=tests/browser \
	  --ignore=tests/services -m "not long and not services and not browser"

test-core: setup
	$(PY) -m pytest tests/core -p no:django -W ignore::pytest.PytestConfigWarning -n 2 -m "not long"

test-long: setup ## the long gate of the test catalogue
	$(PY) -m pytest tests/core -p no:django -W ignore::pytest.PytestConfigWarning -n 2
	NOPEEK_ENV=test $(PY) -m pytest tests -n 2 --ignore=tests/core --ignore=tests/browser \
	  -m "long and not services and not browser"

test-services: setup ## against PostgreSQL, Redis, RabbitMQ and an S3 API
	deploy/test-services

test-browser: setup ## a real Chromium, the whole journey
	$(PY) -m pytest tests/browser -m "not golden"

test-golden: setup ## every page looks as its golden picture
	$(PY) -m pytest tests/browser/test_golden.py

lint: $(STAMP) ## style, types, import rules
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: setup ## accuracy, speed and leaks of the core
	$(PY) -m privacy.bench

golden: setup ## renew the golden pictures of tests/browser; look at what changed
	NOPEEK_GOLDEN=renew $(PY) -m pytest tests/browser/test_golden.py

screens: setup ## pictures of every page for docs/screens
	$(PY) -m tools.screens

load: setup ## how quickly pages answer while pictures are scanned
	$(PY) -m tools.load

lock: $(UV) ## resolve requirements*.txt anew
	$(UV) pip compile --quiet --universal --python-version 3.11 requirements-dev.txt \
	  --override requirements-overrides.txt --no-annotate --no-header -o requirements.lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
