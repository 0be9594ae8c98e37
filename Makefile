# `make help` lists what there is. Two commands matter first: run and test.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
NPM ?= npm
ADDR ?= 127.0.0.1:8080
DATA ?= data
PKG ?= ./...
TESTFLAGS ?= -count=1 -timeout 45m
LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help build run test bench lint assets fmt clean

help: ## Say what each target does.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

build: assets ## Build bin/gongji, one static binary with its pages, styles and fonts inside.
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/gongji ./cmd/gongji

run: build ## Serve the demo on ADDR (127.0.0.1:8080), its data in DATA (./data); no server to install.
	bin/gongji serve --demo --addr $(ADDR) --data $(DATA)

# One shell, so that the services stop however the tests end.
test: assets ## Start PostgreSQL and MinIO, vet, test PKG (./...) on them, stop them.
	@trap '.ci/services down' EXIT; .ci/services up; source "$$(.ci/services env)"; \
	$(GO) vet $(PKG); \
	$(GO) test $(TESTFLAGS) $(PKG)

bench: ## Measure speed and memory on the same services: a line a figure (docs/bench.md); never part of test.
	@$(MAKE) --no-print-directory build >&2; \
	trap '.ci/services down' EXIT; .ci/services up >&2; source "$$(.ci/services env)"; \
	$(GO) run ./bench -bin bin/gongji

lint: ## Run golangci-lint; .golangci.yml says what is off and why. The first time builds it.
	$(GO) run $(LINT) run ./...

assets: node_modules/.stamp ## Bundle styles and scripts from npm into templates/static/dist.
	$(NPM) run build --silent

# npm ci takes longer than the bundling: only when the lock file changed.
node_modules/.stamp: package-lock.json
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

fmt: ## Format the Go code.
	$(GO) fmt ./...

clean: ## Remove what was built and the test services; the data directory stays.
	.ci/services down
	rm -rf bin node_modules .services
	find templates/static/dist -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
