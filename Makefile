# The two commands that matter: `make demo` and `make test`. Both install what is missing first.

.DEFAULT_GOAL := help
.PHONY: help setup build install uninstall package demo docs outside test mutations lint sanitize bench bench-full clean

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 20

# With Swift's libraries inside, a process starts in two thirds of the time and needs no toolchain to run.
release := -c release --static-swift-stdlib

setup: ## Install missing Debian packages, fetch and check the models.
	@setup/install-packages.sh
	@setup/fetch-models.sh

build: setup ## Build the programs in release mode.
	swift build $(release) --product facegallery
	swift build $(release) --product facegallery-hdf5
	@$(MAKE) --no-print-directory .build/release/facegallery-convert-dlib

# A minute of compiling for a program that changes once in years.
.build/release/facegallery-convert-dlib: $(wildcard setup/dlib-network/*)
	setup/dlib-network/build.sh $@

PREFIX ?= /usr/local

install: ## Put what `make build` has built below PREFIX (/usr/local): programs, manual, completions.
	@setup/install.sh install "$(DESTDIR)" "$(PREFIX)"

uninstall: ## Remove what `make install` has put below PREFIX.
	@setup/install.sh uninstall "$(DESTDIR)" "$(PREFIX)"

package: ## Make a Debian package in .build/package of what `make build` has built.
	@setup/package.sh

demo: ## Enrol people from photos and identify others of them.
	@setup/demo.sh

# Tests are optimised, C, C++ and Swift: unoptimised, a search of dlib's takes seconds and the suite twice as long. What
# only debug builds check (assertions, the index's invariants) stays on.
optimised := -Xcc -O2 -Xcxx -O2 -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug

outside: setup ## Build and run programs of somebody else's on the library: an app, and a storage of its own.
	@Tests/Outside/run.sh

test: setup ## Build and run the whole test suite.
	@setup/fetch-models.sh dlib-resnet
	@setup/fetch-test-tools.sh
	swift build --build-tests $(optimised)
	swift test --skip-build --disable-xctest $(optimised)

docs: setup ## Build the pages of the Swift library's calls (DocC); a warning is an error.
	swift build $(optimised)
	@setup/build-docs.sh .build/debug

mutations: setup ## Try listed mistakes in store, index and engine: does a test notice each? Half an hour.
	@setup/fetch-models.sh dlib-resnet
	@setup/fetch-test-tools.sh
	Tests/Mutations/run.py -- $(optimised)

lint: ## Check formatting, documentation comments, links, tables of results and the list of mistakes for mutations.
	swift format lint --strict --recursive Package.swift Sources Index Bench Tests
	@setup/check-docs.py
	@Bench/tables.py --check
	@Tests/Mutations/run.py --check

sanitize: setup ## Run the tests of bridges and store under AddressSanitizer and ThreadSanitizer.
	@setup/sanitize.sh

bench: setup ## Measure index, peers and network in about ten minutes.
	swift build $(release) --product facegallery
	swift build $(release) --product facegallery-hdf5
	swift build $(release) --product facegallery-bench
	@Bench/run.sh quick

bench-full: setup ## Measure all that Bench/README.md shows: hours, 25 GB of disk.
	swift build $(release) --product facegallery
	swift build $(release) --product facegallery-hdf5
	swift build $(release) --product facegallery-bench
	@Bench/run.sh full

clean: ## Remove what was built; the cache of models stays.
	rm -rf .build
