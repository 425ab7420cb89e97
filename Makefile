# Shortcuts over CMakePresets.json, which plain `cmake --preset release` uses as well. On Debian 12 and 13 each
# installs the packages it needs and finds missing (.ci/install-packages; nothing is done when all are there).

.DEFAULT_GOAL := build
.PHONY: build demo test test-asan test-tsan soak release-check bench lint format-check format packages-build packages-test deb apt-repository container image clean help

# One after the other: they time, start brokers and use both cores by themselves.
.NOTPARALLEL:

# Tests are configured in by `make test` only, so that `make demo` needs none of their packages.
configured = $(wildcard build/CMakeCache.txt)
jobs := $(shell nproc)
# An integration or package test waits most of its time, for a broker, a service or a link; a unit test with a cluster as well.
waiting_jobs := $(shell echo $$(( 4 * $(jobs) )))
for ?= 0

help:
	@echo 'make build         build/weather-gateway, optimised'
	@echo 'make demo          build it and watch it work, no broker needed; for=10s ends by itself'
	@echo 'make test          all tests: unit, crash, sim, package, integration with a real mosquitto and Kafka, tidy'
	@echo 'make test-asan     unit, crash and sim tests under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make test-tsan     unit and crash tests under ThreadSanitizer'
	@echo 'make soak          the long versions of the crash, sim, package and integration suites'
	@echo 'make release-check every proof of a release on this commit, hours; what has passed is not run again'
	@echo 'make deb           the Debian package; ARCH=arm64 SUITE=trixie for another Pi than this machine'
	@echo 'make apt-repository  a signed apt repository of the packages in build-deb, in build-apt; KEY=id or file signs'
	@echo 'make container     a container image, by podman or docker, of the package in build-deb'
	@echo 'make image         a card image with signed A/B updates, and the update; BOARD=pi SUITE=trixie, KEY= CERT= KEYRING= sign'
	@echo 'make bench         builds the benchmarks against other engines and shippers'
	@echo 'make lint          formatting and the rules on the sources; make format rewrites them'

packages-build:
	@.ci/install-packages build

packages-test:
	@.ci/install-packages build test lint

build: packages-build
	cmake --preset release $(if $(configured),,-DBUILD_TESTING=OFF)
	cmake --build --preset release --target weather-gateway -j $(jobs)

demo: build
	build/weather-gateway demo $(if $(filter-out 0,$(for)),--for $(for))

test: packages-test
	cmake --preset release -DBUILD_TESTING=ON
	cmake --build --preset release -j $(jobs)
	@failed=; for suite in tidy unit crash sim package integration; do \
	  echo "==== $$suite"; \
	  ctest --preset release --no-tests=error -L "^$$suite$$" -j $(waiting_jobs) || failed="$$failed $$suite"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

test-asan: packages-test
	cmake --preset dev
	cmake --build --preset dev -j $(jobs)
	ctest --preset dev --no-tests=error -j $(jobs)

test-tsan: packages-test
	cmake --preset tsan
	cmake --build --preset tsan -j $(jobs)
	ctest --preset tsan --no-tests=error -j $(jobs)

soak: packages-test
	@.ci/install-packages soak
	cmake --preset release -DBUILD_TESTING=ON
	cmake --build --preset release -j $(jobs)
	ctest --preset release -C soak --no-tests=error -L soak

# ARGS='--only fresh --minutes 90' and what else tests/release/check.py takes.
release-check:
	tests/release/check.py $(ARGS)

deb:
	cross/build-deb $(or $(ARCH),$(shell dpkg --print-architecture)) $(SUITE)

# FROM=FOLDER of packages and TO=REPOSITORY, if they are elsewhere.
apt-repository:
	cross/apt-repository "$(or $(FROM),build-deb)" "$(or $(TO),build-apt)" "$(SUITE)" "$(KEY)"

# PACKAGE=FILE.deb, IMAGE=NAME and BASE=IMAGE, if they are others.
container:
	cross/container/build-image "$(PACKAGE)" "$(IMAGE)" "$(BASE)"

# DEB=FILE.deb, KEY=, CERT= and KEYRING=FILE, WITH="mosquitto": cross/image/build says what each is.
image:
	cross/image/build "$(or $(BOARD),pi)" "$(or $(SUITE),trixie)"

bench: packages-test
	@.ci/install-packages bench
	cmake --preset release -B build-bench -DBUILD_TESTING=ON -DWEATHER_BENCH=ON
	cmake --build build-bench -j $(jobs)
	@echo 'Built in build-bench; docs/results/benchmarks.md says how to run each.'

lint format-check: packages-test
	cmake --preset release -DBUILD_TESTING=ON
	ctest --preset release --no-tests=error -L tidy

format:
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

clean:
	rm -rf build build-dev build-tsan build-fuzz build-bench build-release
