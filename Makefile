# Everything a contributor does, one line each. Needs python >= 3.11, node >= 20, git and make.
.DEFAULT_GOAL := help
.PHONY: help setup dev run demo up down status mail trust test browser check bench prove docs clients package synth install-aws
PY := .venv/bin/python
TIER ?= smoke
SUITE ?= all
APART := e2e or sandbox or browser
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTHON_ON_AWS ?= 3.13
ARCHITECTURE ?= arm64

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what running needs (again: nothing to do)
	@tools/setup run

dev: ## Install what testing needs as well
	@tools/setup dev

run: setup ## Set up, start, push an example, print its address and stay until Ctrl-C
	@$(PY) -m adapters.local.demo --stay

demo: setup ## The same in a folder of its own, check the page and stop; exits 0 or 1
	@home=$$(mktemp -d) && $(PY) -m adapters.local.demo --home $$home --port 18080; code=$$?; rm -rf $$home; exit $$code

up: setup ## Start the embedded cloud in the background
	@$(PY) -m adapters.local up --detach

down: ## Stop it
	@$(PY) -m adapters.local down

status: ## Show what runs
	@$(PY) -m adapters.local status

mail: ## Show the mail that it sent
	@$(PY) -m adapters.local mail

trust: ## Show how to trust the certificates of the sites of this computer
	@$(PY) -m adapters.local trust

test: dev ## Run every test: the quick ones side by side, then those that start a whole cloud
	@tools/setup browser
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not ($(APART))"
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "($(APART)) and not pages"

browser: dev ## Walk through the console in Chromium and look at every page; pictures go to tests/artifacts
	@tools/setup browser
	@$(PY) -m pytest -q -n 2 --dist loadfile tests/browser

check: dev ## Style, types, floors, true docs, the pages of the console: clean in every commit
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m pytest -q -n auto tests/unit/docs tests/unit/cli/test_docs.py tests/unit/builds/test_config.py
	@npm --prefix console run --silent types
	@npm --prefix console --silent test -- --reporter=dot --no-color

bench: dev ## Measure beside peers (SUITE=deploy, build, publish, edge, flat, swap, proxy, origin, api, checks, console, detect, rules or start)
	@tools/setup bench
	@case "$(SUITE)" in build|all) tools/setup clis;; esac
	@case "$(SUITE)" in console|all) tools/setup browser;; esac
	@$(PY) -m bench --suite $(SUITE)

prove: dev ## Hold it to its promises under harm (SUITE=kill, storm, malicious, swaps, history, outage, canary, matrix, ...; TIER=smoke or full)
	@$(PY) -m tests.prove --tier $(TIER) --suite $(SUITE)

docs: dev ## Build the pages of docs/ as a site, beside the console at /docs/
	@$(PY) -m tools.docs console/dist/docs

clients: dev ## Make the clients of the API: clients/typescript/dist, clients/python
	@$(PY) -m tools.openapi build/openapi.json
	@$(PY) -m tools.clients clients/python/clouddeck_client/_routes.py
	@cd clients/typescript && npm run --silent generate > /dev/null && npm run --silent build

package: ## Pack what AWS gets, into build/ (PYTHON_ON_AWS=3.13, ARCHITECTURE=arm64)
	@tools/setup cdk
	@$(PY) -m cdk.package --python $(PYTHON_ON_AWS) --architecture $(ARCHITECTURE)

synth: ## Write the templates of every profile, into build/cdk.out; asks no account
	@tools/setup cdk
	@$(PY) -m cdk synth --all --out build/cdk.out > /dev/null
	@wc -c build/cdk.out/*/*.template.json | awk '/json$$/ {printf "  %-58s %7d bytes\n", $$2, $$1}'

install-aws: ## Pack, and install into your AWS account; asks before it does anything
	@tools/setup cdk
	@.venv/bin/deck install
