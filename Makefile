# Openhall. `make` alone prints this help.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench messages screenshots

help: ## Print this help
	@echo "Openhall: a city's front door for feedback"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Start here: make run"

setup: ## Make .venv and install everything, also for tests and checks
	@scripts/setup --dev

run: ## Install what is missing, load a demo city, serve on http://127.0.0.1:8000 (ARGS="--port 8001")
	@scripts/run $(ARGS)

test: ## Run the whole suite on SQLite and again on PostgreSQL and Redis (ARGS="tests/accounts -x")
	@scripts/test $(ARGS)

check: ## Lint, types, room borders, migrations, translations
	@scripts/check

bench: ## Run a benchmark (ARGS="<suite> --json FILE"; without ARGS: the list of suites)
	@scripts/setup --dev
	@$(PYTHON) -m bench $(ARGS)

messages: ## Gather texts for translation into every room's zh_Hans catalogue
	@scripts/setup --dev
	@$(PYTHON) scripts/messages.py gather

screenshots: ## Take the pictures of docs/pictures, and of the stories into var/stories
	@scripts/setup --dev
	@$(PYTHON) scripts/screenshots.py $(ARGS)
	@OPENHALL_SCREENSHOTS=var/stories $(PYTHON) -m pytest -p no:cacheprovider -q tests/e2e
