# What a developer, and CI, can ask for. `make` alone lists it. Needs Python 3.13, make and git.

ARGS ?=

# The first Python on the path that really is 3.13; the environment's own comes first, since it starts fastest.
# Found when a recipe needs it, so that `make help` works without one.
python = $(or $(shell for python in .venv/bin/python python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[0:2] != (3, 13))' 2>/dev/null && echo "$$python" && break; \
	done),$(error Python 3.13 is missing: put python3.13 on the PATH, by pyenv, your package manager or python.org))

install = @$(python) -I requirements/install.py

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

.PHONY: start
start: stage-environment ## serve template.yaml on localhost, authorizer enforced; options: make start ARGS='--port 3001'
	@exec .venv/bin/local-stage start $(ARGS)

# Environments. Each call is instant when what the environment holds is what its locks say.

.PHONY: stage-environment
stage-environment:
	$(install) .venv stage package

.PHONY: dev-environment
dev-environment:
	$(install) .venv stage package dev

.PHONY: sam-environment
sam-environment:
	$(install) .venv-sam sam

.PHONY: lock-environment
lock-environment:
	$(install) .venv-lock lock

# Locks. `make lock` keeps every pin that still fits; `make lock ARGS=--upgrade` takes the newest.

compile = ../.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(ARGS)

.PHONY: lock
lock: lock-environment ## compile requirements/*.in into locks with hashes; newest versions: make lock ARGS=--upgrade
	@cd requirements && for name in lock stage runtime sam; do $(compile) $$name.in --output-file $$name.txt || exit; done
	@cd requirements && $(compile) hello_function.in --output-file ../hello_function/requirements.txt
	@cd requirements && $(compile) dev.in --output-file dev.txt
