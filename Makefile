# The ways to build, run and prove yujing. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
TOOL     = $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 30s
DATA    ?= var

.PHONY: help build engine run test check race fuzz bench docs clean test-servers

help: ## list these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/yujing
	$(GO) build -trimpath -o bin/yujing ./cmd/yujing

engine: ## fetch the embedded ClickHouse engine (pinned, verified; once per user)
	@tools/engine.sh

run: build engine ## a demonstration: a simulated district, its feeds, its alerts; Ctrl-C stops
	bin/yujing --data $(DATA) run --demo

test: engine test-servers ## every test, on the real engine and real servers
	$(TOOL) gotestsum --format pkgname --hide-summary=skipped -- -count=1 -timeout 20m ./...
	$(GO) build -o bin/yujing ./cmd/yujing
	bin/yujing test

check: build ## formatting, vet, staticcheck, module files, shipped rules and sources
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "not gofmt-clean:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck -checks 'all,-ST1003,-ST1005' ./...
	$(GO) mod tidy -diff
	bin/yujing check

race: engine test-servers ## the tests under the race detector
	$(GO) test -race -count=1 -timeout 40m ./...

fuzz: ## every fuzz test for FUZZTIME (default 30s)
	@tools/fuzz.sh $(FUZZTIME)

bench: build engine ## the figures of docs/benchmarks.md, measured here and now
	cd bench && $(GO) run . --yujing ../bin/yujing

docs: ## generate the documents that come from the code
	$(GO) generate ./...

test-servers: ## Debian's mail and SMS servers, for the tests that need them
	@tools/test-servers.sh

clean: ## remove what was built; data directories stay
	rm -rf bin .engine
