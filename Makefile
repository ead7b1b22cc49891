# The ways to build, run and prove yujing. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
DATA     ?= var
FUZZTIME ?= 30s
PACKAGES ?= ./...
LSP_CLIENT = cmd/yujing/testdata/lsp-client
SCRIPTS   = $(shell git ls-files '*.sh' .ci/run 2>/dev/null)

.PHONY: help build engine lsp-client run test check race fuzz bench microbench docs clean test-servers FORCE

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/yujing
	$(GO) build -trimpath -o bin/yujing ./cmd/yujing

engine: ## fetch the embedded ClickHouse engine (pinned, verified; once per user)
	@tools/engine.sh

lsp-client: $(LSP_CLIENT)/node_modules/.package-lock.json ## fetch the editors' client library that tests the language server (pinned)

$(LSP_CLIENT)/node_modules/.package-lock.json: $(LSP_CLIENT)/package-lock.json
	npm ci --prefix $(LSP_CLIENT) --ignore-scripts --no-audit --no-fund
	@touch $@

run: build engine ## a demonstration: a simulated district, its feeds, its alerts; Ctrl-C stops
	bin/yujing --data $(DATA) run --demo

test: engine lsp-client test-servers bin/testsum ## every test, on the real engine and real servers (PACKAGES=./rules/... for some)
	bin/testsum -count=1 -timeout 12m $(PACKAGES)

check: build bin/staticcheck ## formatting, vet, staticcheck, module files, scripts, shipped rules and sources
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); \
		[ -z "$$unformatted" ] || { echo "not formatted, run gofmt -w:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	bin/staticcheck ./...
	$(GO) mod tidy -diff
	@for module in tools bench; do [ ! -f $$module/go.mod ] || (cd $$module; set -x; $(GO) vet ./...; $(GO) mod tidy -diff); done
	cd tools && $(GO) test ./...
	tools/shellcheck.sh $(SCRIPTS)
	bin/yujing check

race: engine lsp-client test-servers ## the tests under the race detector
	$(GO) test -race -count=1 -timeout 40m $(PACKAGES)

fuzz: ## every fuzz test for FUZZTIME (default 30s)
	@tools/fuzz.sh $(FUZZTIME)

bench: build engine ## the figures that the design holds, measured here and now, into docs/benchmarks.md (BENCHFLAGS="-cases 100000" and so on; BOSTON=FILE)
	cd bench && $(GO) run . -out ../docs/benchmarks.md $(BENCHFLAGS)

microbench: ## the Go benchmarks of the packages
	$(GO) test -run '^$$' -bench . -benchmem $(PACKAGES)

docs: ## generate the documents that come from the code
	$(GO) generate ./...

test-servers: ## install Debian's mail and SMS servers, for the tests that talk to them
	@tools/test-servers.sh

clean: ## remove what was built; data directories and the fetched engine stay
	rm -rf bin

# Tools, built from the pins in tools/go.mod.
bin/staticcheck: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$@ honnef.co/go/tools/cmd/staticcheck

bin/testsum: FORCE
	@cd tools && $(GO) build -o ../$@ ./testsum
