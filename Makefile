# VixenBliss Creator. `make help` lists what there is; everything sets itself up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .tools/uv/bin/uv
RUN := $(UV) run --frozen --no-sync
export PYTHONPATH := $(CURDIR)
export UV_PYTHON_DOWNLOADS ?= automatic
export SAM_CLI_TELEMETRY := 0
export ARCHITECTURE ?= arm64
ARGS ?=
WHEELS := $(patsubst %,layers/%/requirements.txt,dependencies pictures sealing video)
TOOLS := sam checkov emulator runtime
APART := tests/unit/stack tests/unit/providers_standins tests/integration/stack \
  tests/integration/api/test_rubbish.py $(addprefix tests/contract/test_,alone.py build.py authz_matrix.py)
TESTS := tests/unit tests/integration tests/contract $(addprefix --ignore=,$(APART))
LONG := $(APART) tests/reliability tests/fuzz tests/walk
BRIEF ?= docs/campaign.yaml

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -ts$$'\t'

.PHONY: run
run: .venv/.ready ## campaign brief to approved content, then serve (ARGS=--once | --serve, BRIEF=path.yaml)
	@$(RUN) python -m tests.stack --brief $(BRIEF) $(ARGS)

.PHONY: client
client: .venv/.ready ## a typed client, made from the contract, walks the README's way
	@$(RUN) python -m tests.walk $(ARGS)

.PHONY: test
test: .venv/.ready ## all tests with coverage, but for the local stack and the long suites
	$(RUN) pytest -n 2 --dist loadfile --cov --cov-report=term $(TESTS) $(ARGS)

.PHONY: branches
branches: export COVERAGE_CORE := ctrace
branches: export COVERAGE_BRANCH := true
branches: export COVERAGE_SWITCHES := greenlet
branches: test ## all tests, and their coverage by branches

.PHONY: quick
quick: .venv/.ready ## the local stack, and the long suites in their short forms
	$(RUN) pytest -n 2 --dist loadfile --no-cov $(LONG) $(ARGS)

.PHONY: reliability
reliability: .venv/.ready ## storms of kills and reports, ROUNDS times (5)
	ROUNDS=$${ROUNDS:-5} $(RUN) pytest tests/reliability $(ARGS)

.PHONY: fuzz
fuzz: .venv/.ready ## everything that the contract allows, and more, asked as three roles (CASES=5)
	CASES=$${CASES:-5} $(RUN) pytest -q --no-cov tests/fuzz $(ARGS)

.PHONY: check
check: .venv/.ready .tools/sam/.ready ## format, lint, types, arrows, migrations, OpenAPI, rights, template
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) python -m tests.tools.openapi --check
	$(RUN) python -m tests.tools.reference --check
	$(RUN) python -m tests.tools.authz --check
	$(RUN) python -m tests.tools.stacks --check
	$(RUN) python -m tests.tools.cost --check
	$(RUN) python -m tests.tools.drift
	.tools/sam/bin/sam validate --lint

.PHONY: format
format: .venv/.ready ## format and mend what can be mended
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

.PHONY: migrate
migrate: .venv/.ready ## bring DATABASE_URL to the newest schema
	@$(RUN) python -m tests.tools.operation migrate $(ARGS)

.PHONY: seed
seed: .venv/.ready ## make the first owner in DATABASE_URL
	@$(RUN) python -m tests.tools.operation seed $(ARGS)

.PHONY: openapi
openapi: .venv/.ready ## write docs/openapi.json, authz.json and api.md from the functions
	$(RUN) python -m tests.tools.openapi --write
	$(RUN) python -m tests.tools.authz --write
	$(RUN) python -m tests.tools.reference --write

.PHONY: stacks
stacks: .venv/.ready ## write functions/head.yaml into every stack of functions
	$(RUN) python -m tests.tools.stacks

.PHONY: cost
cost: .venv/.ready ## write docs/cost.md from prices, workload, durations and the template
	$(RUN) python -m tests.tools.cost --write

.PHONY: examples
examples: .venv/.ready ## write docs/examples.json from a day's answers, and the contract with it
	EXAMPLES=write $(RUN) pytest -q --no-cov tests/contract/test_answers.py
	$(MAKE) openapi

.PHONY: build
build: .venv/.ready .tools/sam/.ready $(WHEELS) ## build functions and layers for Lambda (.aws-sam/build; ARCHITECTURE=arm64 or x86_64)
	.tools/sam/bin/sam build $(ARGS)

STACKS := template.yaml $(filter-out functions/head.yaml,$(wildcard functions/*.yaml)) $(wildcard shared/infrastructure/*.yaml)

.PHONY: aws-check
aws-check: .venv/.ready $(addprefix .tools/,$(addsuffix /.ready,$(TOOLS))) ## all that can be known of AWS without an account
	@echo "== sam validate: the root, as SAM reads it"
	.tools/sam/bin/sam validate --lint
	@echo "== cfn-lint: every stack, as CloudFormation reads it"
	.tools/sam/bin/cfn-lint $(STACKS)
	@echo "== checkov: every stack, as somebody suspicious reads it (.ci/checkov.yaml)"
	.tools/checkov/bin/checkov --config-file .ci/checkov.yaml -f $(STACKS)
	@echo "== tests/aws: the rules and their faults; sam build for both processors; functions and roles at work"
	$(RUN) pytest -v --no-cov tests/aws tests/unit/test_snapshots.py tests/integration/stack/test_snap_start.py $(ARGS)

layers/dependencies/requirements.txt: $(UV) pyproject.toml uv.lock
	$(UV) export -q --frozen --no-emit-project --no-default-groups --no-header --no-annotate -o $@
	@touch $@

layers/%/requirements.txt: $(UV) pyproject.toml uv.lock
	$(UV) export -q --frozen --only-group $* --no-header --no-annotate -o $@
	@touch $@

.PHONY: lock
lock: $(UV) ## renew the lock files
	$(UV) lock
	$(MAKE) $(WHEELS)
	for tool in $(TOOLS); do $(UV) pip compile -q --generate-hashes --python-version 3.13 .ci/$$tool.in -o .ci/$$tool.txt; done

.PHONY: clean
clean: ## forget the local stack's data and every cache
	rm -rf .local .aws-sam .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(UV):
	@$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action ignore --target .tools/uv uv==0.13.8

.venv/.ready: $(UV) pyproject.toml uv.lock
	@$(UV) sync -q --frozen
	@touch $@

.tools/%/.ready: .ci/%.txt $(UV)
	@$(UV) venv -q --clear .tools/$*
	@$(UV) pip sync -q -p .tools/$*/bin/python --require-hashes $<
	@touch $@
