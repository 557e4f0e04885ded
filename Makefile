# `make help` lists the targets. Paths are relative, so that the folder's name may hold spaces.
RUN := scripts/run.sh
.DEFAULT_GOAL := help
.PHONY: help demo demo-cluster start test test-compat coverage check types lint format dead-code layers bench bench-faults

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: ## build an example on a Docker Engine and watch it; ONCE=1 exits after the build
	@$(RUN) node scripts/demo.ts

demo-cluster: ## two servers, three workers, 200 runs, and two of the five killed; ONCE=1 exits after them
	@$(RUN) node scripts/demoCluster.ts

start: ## the server alone, on http://127.0.0.1:5000
	@$(RUN) server/main.js

test: ## all tests and what they need; the last line counts them
	@scripts/packages.sh && $(RUN) node scripts/test.ts 'test/**/*.test.ts'

test-compat: ## slow tests against other versions of the Docker Engine
	@scripts/packages.sh && $(RUN) node scripts/test.ts 'test/**/*.compat.ts'

coverage: ## all tests, and which lines they reach (coverage/index.html)
	@scripts/packages.sh && $(RUN) c8 node scripts/test.ts 'test/**/*.test.ts'

check: types lint format dead-code layers ## types, lint, format, dead code, layers

types:
	@$(RUN) tsc --noEmit -p . && $(RUN) tsc -p public

lint: types
	@$(RUN) oxlint --type-aware --deny-warnings --report-unused-disable-directives

format:
	@$(RUN) prettier --check --log-level warn .

dead-code:
	@$(RUN) knip

layers:
	@$(RUN) mocha test/project/layers.test.ts

bench: ## the numbers of docs/bench.md, one JSON line each
	@scripts/packages.sh && $(RUN) node bench/main.ts

bench-faults: ## kill -9 the server, then those of a cluster, 100 times each, and account for every run
	@scripts/packages.sh && $(RUN) node bench/faults.ts && $(RUN) node bench/clusterFaults.ts
