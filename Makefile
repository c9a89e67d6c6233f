# Everything a contributor does, one line each. Needs python >= 3.11, node >= 20, git and make.
.DEFAULT_GOAL := help
.PHONY: help setup dev run demo up down status test check bench prove
PY := .venv/bin/python

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what running needs (again: nothing to do)
	@tools/setup run

dev: ## Install what testing needs as well
	@tools/setup dev

run: setup ## Set up, start, push an example and leave everything running
	@$(PY) -m adapters.local.demo --stay

demo: setup ## The same in a folder of its own, check the page and stop
	@home=$$(mktemp -d) && $(PY) -m adapters.local.demo --home $$home --port 18080; code=$$?; rm -rf $$home; exit $$code

up: setup ## Start the embedded cloud in the background
	@$(PY) -m adapters.local up --detach

down: ## Stop it
	@$(PY) -m adapters.local down

status: ## Show what runs
	@$(PY) -m adapters.local status

test: dev ## Run every test that needs no running cloud
	@$(PY) -m pytest -q -n auto -m "not e2e and not sandbox" tests

check: dev ## Style, types, floors, tests: what has to pass before a commit
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports
	@$(PY) -m pytest -q -n auto -m "not e2e and not sandbox" tests

bench: dev ## Measure: edge, API, builds, start-up
	@$(PY) -m bench

prove: dev ## The long tests: real start, kills, sandbox escapes
	@$(PY) -m pytest -q -m "e2e or sandbox" tests
