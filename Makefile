# What a developer, and CI, can ask for: `make` alone lists it. Needs Python 3.13, make and git.

ARGS ?=

# The first Python that really is 3.13: the environment's own comes first, since a pyenv shim takes longer to start.
# Looked for when a recipe needs it, so that `make help` works without one.
python = $(or $(shell for python in .venv/bin/python python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info[0:2] != (3, 13))' 2>/dev/null && echo "$$python" && break; \
	done),$(error Python 3.13 is missing: put python3.13 on the PATH (pyenv, a package manager or python.org has it)))

# The tests start Python some thousand times: each module is compiled at the first of them, and not at every one.
unexport PYTHONDONTWRITEBYTECODE

packages = packages/local-stage packages/cfn-lint-cognito

install = @$(python) -I requirements/install.py

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: start
start: stage-environment ## serve template.yaml on localhost, authorizer enforced (make start ARGS='--port 3001')
	@exec .venv/bin/local-stage start $(ARGS)

.PHONY: test
test: dev-environment ## run the daily tests, on every core (ARGS='tests/unit -x'; ARGS='-n 0 --pdb': in one process)
	@.venv/bin/python -m pytest --numprocesses auto $(ARGS)

# The longest first.
.PHONY: check
check: ## all that CI checks: format, lint, types, imports, template, weaknesses, and all tests
	@$(MAKE) --no-print-directory --jobs=2 audit lint-template types lint check-format contracts
	@$(MAKE) --no-print-directory test ARGS='--whole $(ARGS)'

.PHONY: check-format
check-format: dev-environment ## is every file formatted?
	@.venv/bin/ruff format --check

.PHONY: lint
lint: dev-environment ## ruff with every rule but those pyproject.toml gives a reason against
	@.venv/bin/ruff check

.PHONY: types
types: dev-environment ## mypy, strict
	@.venv/bin/mypy

.PHONY: contracts
contracts: dev-environment ## do the imports only point down?
	@.venv/bin/lint-imports --no-logo

# checkov evaluates conditions with the parameters' defaults: these are prod's, with everything on.
as_prod = sed -e 's/Default: dev$$/Default: prod/' -e 's/Default: disabled$$/Default: enabled/'

# SAM CLI wants a region to validate for, and no account; a profile of the developer's that is gone would stop it.
.PHONY: lint-template
lint-template: sam-environment checkov-environment ## SAM CLI's, cfn-lint's, checkov's and our own rules on the templates
	@env -u AWS_PROFILE AWS_DEFAULT_REGION=ap-northeast-1 SAM_CLI_TELEMETRY=0 \
		.venv-sam/bin/sam validate --lint --template template.yaml
	@.venv-sam/bin/cfn-lint template.yaml operations/*.yaml --append-rules cfn_lint_serverless.rules cfn_lint_cognito.rules
	@.venv-checkov/bin/checkov --config-file .checkov.yaml
	@$(as_prod) template.yaml >.venv-checkov/template.yaml
	@$(as_prod) operations/operations.yaml >.venv-checkov/operations.yaml
	@grep -q 'Default: prod' .venv-checkov/template.yaml && grep -q 'Default: enabled' .venv-checkov/operations.yaml
	@.venv-checkov/bin/checkov --config-file .checkov.yaml --file .venv-checkov/template.yaml .venv-checkov/operations.yaml

.PHONY: conformance
conformance: dev-environment sam-environment ## who gives AWS's answers: the local stage, MiniStack (ARGS=--write: into packages/local-stage/docs/fidelity.md)
	@PYTHONPATH=packages/local-stage .venv/bin/python -m conformance $(ARGS)

.PHONY: works-with
works-with: dev-environment lock-environment ## run clients, verifiers, frameworks and tools against the stage into packages/local-stage/docs/works-with.md; needs Node.js
	@PYTHONPATH=packages/local-stage .venv/bin/python -m works_with $(ARGS)

.PHONY: fidelity
fidelity: dev-environment ## bring the tables of packages/local-stage/docs/fidelity.md up to date
	@PYTHONPATH=packages/local-stage .venv/bin/python -m conformance.fidelity

.PHONY: openapi
openapi: stage-environment ## derive docs/openapi.json from template.yaml
	@.venv/bin/local-stage openapi >docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

.PHONY: screenshots
screenshots: dev-environment ## take the pictures of the console in docs/images; needs Debian's chromium
	@PYTHONPATH=packages/local-stage .venv/bin/python -m tests.browser.screenshots

.PHONY: bench
bench: dev-environment sam-environment ## measure stage and function beside their peers into packages/local-stage/docs/benchmarks.md (ARGS=--quick)
	@PYTHONPATH=packages/local-stage .venv/bin/python -m benchmarks $(ARGS)

# Whatever git keeps or would keep. Secrets are looked for by their form: what merely is called one, ruff finds.
kept = $$(git ls-files --cached --others --exclude-standard -- ':!requirements/*.txt' ':!.secrets.baseline')
secrets = .venv-audit/bin/detect-secrets
# Without site: nothing of the environment that is looked at runs.
installed = @$(python) -IS requirements/audit.py
.PHONY: audit
audit: dev-environment sam-environment checkov-environment audit-environment ## weaknesses in code (bandit) and workflows (zizmor), secrets, packages other than the locked
	@.venv-audit/bin/bandit --quiet --configfile .bandit.yaml $$(git ls-files '*.py' ':!*tests/*')
	@.venv-audit/bin/zizmor --quiet --offline .github
	$(installed) .venv stage $(packages) dev
	$(installed) .venv-sam sam packages/cfn-lint-cognito
	$(installed) .venv-checkov checkov
	$(installed) .venv-audit audit
	@cp .secrets.baseline .venv-audit/secrets.baseline
	@$(secrets)-hook --baseline .venv-audit/secrets.baseline $(kept) || test $$? -eq 3 # 3: a known one has another line

# Strict, since pip-audit would call good what it cannot ask about. Each lock is asked about, whatever another's answer.
locks = $(wildcard requirements/*.txt packages/local-stage/src/local_stage/lambda_runtime/locks/*.txt) hello_function/requirements.txt examples/fastapi/api/requirements.txt $(wildcard packages/local-stage/works_with/*/*.txt) packages/local-stage/benchmarks/sam_init_app/requirements.txt
.PHONY: audit-locks
audit-locks: audit-environment ## ask the package index whether a locked package has a known weakness (pip-audit); CI does, `make check` does not
	@status=0; for lock in $(locks); do echo "$$lock:"; .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes \
		--progress-spinner off --requirement "$$lock" || status=1; done; exit $$status

.PHONY: audit-baseline
audit-baseline: audit-environment ## accept what `make audit` takes for secrets, after a look at each
	@$(secrets) scan --disable-plugin KeywordDetector --disable-plugin HexHighEntropyString $(kept) >.venv-audit/secrets.baseline
	@mv .venv-audit/secrets.baseline .secrets.baseline

.PHONY: fuzz
fuzz: dev-environment audit-environment ## try 20 times as much as `make check` does on tokens, paths, headers (FACTOR=100: more)
	@FUZZ_FACTOR=$(or $(FACTOR),20) .venv/bin/python -m pytest --timeout 0 --hypothesis-profile fuzz \
		packages/local-stage/tests/fuzz packages/local-stage/tests/local/hostile/test_mutations.py packages/local-stage/tests/local/hostile/test_console.py packages/local-stage/tests/unit/api_gateway/test_nobody_gets_in.py $(ARGS)

.PHONY: newcomer
newcomer: dev-environment ## time the README's path: a clone, its first start, the first greeting
	@PYTHONPATH=packages/local-stage .venv/bin/python -m benchmarks.newcomer

.PHONY: soak
soak: dev-environment ## 64 connections of good and bad requests for a minute: answers, memory, p99 (SECONDS=600: longer)
	@SOAK_SECONDS=$(or $(SECONDS),60) .venv/bin/python -m pytest --timeout 0 packages/local-stage/tests/soak $(ARGS)

event = @.venv/bin/local-stage event --reproducible
alice = --user alice --claim email=alice@example.com --claim email_verified=true
bob = --user bob --group admins --group editors --claim email=bob@example.com --claim email_verified=false
.PHONY: events
events: stage-environment ## write the proxy events of events/ anew, for sam local invoke
	$(event) 'GET /hello' $(alice) >events/signed_in.json
	$(event) 'POST /hello' $(alice) >events/signed_in_post.json
	$(event) 'GET /me' $(alice) >events/me.json
	$(event) 'GET /admin/hello' $(bob) >events/admin.json
	$(event) 'GET /admin/hello' $(alice) >events/not_admin.json
	$(event) 'GET /machine/hello' --machine >events/machine.json
	$(event) 'GET /hello' --no-authorizer >events/no_claims.json

.PHONY: format
format: dev-environment ## format every file and mend what ruff can mend
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format

.PHONY: clean
clean: ## remove the environments and caches; the local users in .local-stage stay
	rm -rf .venv .venv-sam .venv-checkov .venv-audit .venv-lock .aws-sam .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		.hypothesis packages/*/src/*.egg-info

# Environments. Each call is instant when what the environment holds is what its locks say.

.PHONY: stage-environment
stage-environment:
	$(install) .venv stage packages/local-stage

.PHONY: dev-environment
dev-environment:
	$(install) .venv stage $(packages) dev

.PHONY: sam-environment
sam-environment: ## install SAM CLI and the AWS CLI into .venv-sam
	$(install) .venv-sam sam packages/cfn-lint-cognito

.PHONY: checkov-environment
checkov-environment:
	$(install) .venv-checkov checkov

.PHONY: audit-environment
audit-environment:
	$(install) .venv-audit audit

.PHONY: lock-environment
lock-environment:
	$(install) .venv-lock lock

# The package's line stays only where the lock can be compiled with it. Nothing but these two files is written.
.PHONY: add
add: lock-environment ## add a package to the function and lock it, and touch nothing else (make add PACKAGE=requests)
	@test -n "$(PACKAGE)" || { echo "name the package: make add PACKAGE=requests" >&2; exit 2; }
	@cd requirements && cp hello_function.in .venv-add.in && echo '$(PACKAGE)' >>hello_function.in \
		&& { $(compile) hello_function.in --output-file ../hello_function/requirements.txt \
		|| { mv .venv-add.in hello_function.in; exit 1; }; } && rm .venv-add.in

# Locks. `make lock` keeps every pin that still fits; `make lock ARGS=--upgrade` takes the newest.

function_locks = packages/local-stage/src/local_stage/lambda_runtime/locks
compile_for = ../.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header $(ARGS) --python-version
compile = $(compile_for) 3.13

.PHONY: lock
lock: lock-environment ## compile requirements/*.in into locks with hashes; newest versions: make lock ARGS=--upgrade
	@cd requirements && for name in lock stage sam checkov audit; do $(compile) $$name.in --output-file $$name.txt || exit; done
	@cd requirements && $(compile) debug.in --output-file ../$(function_locks)/debug.txt
	@cd requirements && for name in runtime libraries; do $(compile_for) 3.8 $$name.in --output-file ../$(function_locks)/$$name.txt || exit; done
	@cd requirements && $(compile) hello_function.in --output-file ../hello_function/requirements.txt
	@cd packages/local-stage/works_with && for lock in environments/clients environments/tools python/requirements; do ../../$(compile) $$lock.in --output-file $$lock.txt || exit; done
	@cd requirements && $(compile) example_fastapi.in --output-file ../examples/fastapi/api/requirements.txt
	@cd requirements && $(compile) bench_sam_init_app.in --output-file ../packages/local-stage/benchmarks/sam_init_app/requirements.txt
	@cd requirements && $(compile) dev.in --output-file dev.txt
