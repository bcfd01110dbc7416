# What a user and the build server run. "make help" lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# The real data that some tests read; they skip, and say so, where it is absent.
TANDEM_DATA ?= ../shared/data
TANDEM_RECORDED ?= $(TANDEM_DATA)/../recorded
override TANDEM_DATA := $(abspath $(TANDEM_DATA))
override TANDEM_RECORDED := $(abspath $(TANDEM_RECORDED))
export TANDEM_DATA TANDEM_RECORDED
export CGO_ENABLED := 0

.PHONY: build
build: ## build bin/tandem
	go build -trimpath -o bin/tandem ./cmd/tandem

.PHONY: demo
demo: build ## two simulated sides come into step before your eyes; needs Go and make only
	bin/tandem demo

.PHONY: test
test: ## everything: make check and all tests, and what was skipped and why
	scripts/setup
	scripts/tools
	scripts/clients
	scripts/test

.PHONY: check
check: ## format, vet, staticcheck, linters, tidy modules, generated code
	scripts/setup
	scripts/tools
	scripts/check

.PHONY: bench
bench: ## print the figures of the main job as a table; takes minutes
	@test -f sim/bench/main.go || { echo "make bench: the program sim/bench is missing from this checkout"; exit 1; }
	go run ./sim/bench

.PHONY: shop
shop: ## import all 19,393 people of a real shop in both profiles; make test takes a sample. Takes minutes
	TANDEM_FULL=1 go test ./sim/simtest -count=1 -timeout 0 -run TestDEDUP1_PeopleOfTwoStores -v | grep -v '^=== '

.PHONY: screenshots
screenshots: ## pictures of all pages of the console in bin/screenshots: light, dark and as wide as a phone
	scripts/setup
	go test ./sim/consoletest -count=1 -run 'TestEveryPage|TestThePagesOf' -screenshots "$(CURDIR)/bin/screenshots"
	@echo "the pictures are in bin/screenshots"

# How many histories, and acts in each: make test plays as many.
export SEEDS ?= 12
export STEPS ?= 300
FIRST ?= 1
# Which mistakes are planted in the engine, to see that histories find them, such as 1-40.
PLANTED ?=
.PHONY: sim
sim: ## play drawn histories of users, faults and crashes, and print the score; SEEDS=12 STEPS=300 FIRST=1 PLANTED=1-40
	@test -z "$(PLANTED)" || go test ./sim/simtest/dst -count=1 -timeout 0 -run TestPlanted -v -args -planted "$(PLANTED)" -seeds $(SEEDS) -steps $(STEPS) -first $(FIRST) | grep -v '^=== RUN'
	@test -n "$(PLANTED)" || go test ./sim/simtest/dst -count=1 -timeout 0 -run 'TestSim|TestRegressions|TestRelations' -v -args -procs 0 -seeds $(SEEDS) -steps $(STEPS) -first $(FIRST) -shrink | grep -v '^=== '

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
