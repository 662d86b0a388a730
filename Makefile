# Two commands do everything on a fresh machine: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup run check quick test sim bench image test-image soak clean

# Seeds of a long simulation, and one seed to replay: make sim SEED=1234
RUNS ?= 100000
SEED ?=

# The demonstration's stand-in of the bank's library, compiled once.
STAND_IN = out/stand-in.so

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | \
	  awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

setup: node_modules/.ready ## install what the sources need

node_modules/.ready: package.json package-lock.json test/setup-host
	@sh test/setup-host build
	npm ci --no-audit --no-fund
	@touch node_modules/.ready

run: setup ## the gateway with simulated terminals, ready for a payment on port 8080
	@sh test/bank-library/double/build $(STAND_IN)
	TILLGATE_DEMO=1 TILLGATE_STAND_IN=$(STAND_IN) node --import tsx app/src/main.ts

check: setup ## types, lint, format, unused code
	@sh test/setup-host test
	node --import tsx test/run.ts check

quick: setup ## the tier to run all the time: check, unit, simulation (under 3 minutes)
	@sh test/setup-host test
	node --import tsx test/run.ts check unit

test: setup ## everything that .ci/run runs
	@sh test/setup-host test
	node --import tsx test/run.ts

sim: setup ## a long seeded simulation: make sim RUNS=100000, or SEED=n to replay one
	node --import tsx test/simulation/main.ts --runs $(RUNS) $(if $(SEED),--seed $(SEED))

bench: setup ## measure and write docs/benchmarks.md
	node --import tsx test/bench/main.ts

image: setup ## the appliance: ISO, disk images, update bundle in out/ (root; Debian 12 or 13)
	sh image/setup-host
	sh image/build

test-image: setup ## boot the image and walk it through updates, power cuts and recovery
	sh image/setup-host
	sh image/test

soak: setup ## the long version of test-image, and two thousand power cuts of a disk
	sh image/setup-host
	TILLGATE_DISK_CUTS=2000 node --import tsx --test test/power/power-cuts.test.ts
	sh image/test soak

clean: ## remove what was built
	rm -rf out node_modules/.ready
