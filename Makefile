# make report   the report of one data set:  make report DATASET=octmnist JOBS=4
# make test     the tests, without endurance:  make test-endurance  (kills, emulation, fuzzing by the thousand)
# make check    a clean rebuild gives the bytes that dvc.lock promises:  make check AGAINST=other/check.json
# make check-cpus   other processors give them too (emulated by QEMU)
# make bench    speed and memory beside the plain loops:  make bench SIZE=full
# make verify   the verdict on a construction of yours:  make verify CONSTRUCTION=file.yaml
# make prove    Coq checks the proofs about the Boolean constructions
# make diff     what changed since a revision; fails if a verdict moved:  make diff REV=main FAIL_ON=metrics
# make archive  the committed report and what made it, as one zip to deposit
# make setup    the environment alone

DATASET ?= phantom
REV ?= main
FAIL_ON ?= verdicts
SIZE ?= 1/16
JOBS ?=
PYTHON ?= python3
VENV := .venv
PIP = python -m pip install -qq --disable-pip-version-check
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Outputs must not depend on who builds, or where.
export LC_ALL := C.UTF-8
# A branch may have any name: recipes read these from the environment, where no shell looks into them.
export REV FAIL_ON AGAINST

.PHONY: report test test-endurance test-fast archive bench check check-cpus diff verify prove setup lint format lock clean

report: $(VENV)/ready
	@python -m octrepro build $(DATASET) $(if $(JOBS),--jobs $(JOBS))

test: $(VENV)/ready
	python -m pytest -n $(or $(JOBS),auto) --dist loadgroup -m "not endurance" tests

test-endurance: $(VENV)/ready
	python -m pytest -n $(or $(JOBS),auto) --dist loadgroup -m endurance tests

test-fast: $(VENV)/ready
	python -m pytest -n $(or $(JOBS),auto) -m "not slow and not browser and not latex and not endurance" tests

check: $(VENV)/ready
	@python -m octrepro check --dataset $(DATASET) $(if $(AGAINST),--against "$$AGAINST")

check-cpus: $(VENV)/ready
	@python -m octrepro check-cpus

diff: $(VENV)/ready
	@python -m octrepro diff --fail-on "$$FAIL_ON" -- "$$REV"

archive: $(VENV)/ready
	@python -m octrepro archive $(DATASET)

bench: $(VENV)/ready
	@python -m benchmarks --size $(SIZE)

verify: $(VENV)/ready
	@python -m octrepro verify -- "$(CONSTRUCTION)"

prove: $(VENV)/ready
	@dvc repro --quiet boolean
	@python -m octrepro prove

setup: $(VENV)/ready

lint: $(VENV)/ready
	ruff check .
	ruff format --check .
	mypy

format: $(VENV)/ready
	ruff check --fix .
	ruff format .

# Everything by hash; torch by version, because one version of it comes in several builds, for processors and for
# CUDA. A uv.lock would hold PyPI's build of it, for CUDA, by hash. pip's warnings are left out (-qq), not its errors.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	  { echo "Python 3.11 to 3.14 is needed; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12"; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked environment into $(VENV): once, some minutes ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$$(sed -n 's/^# by version: //p' requirements.lock)"
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

# Needs uv. One version of each package for every Python, the one locked now where it still serves; torch's
# own CUDA packages come with torch.
lock:
	@cp requirements.lock requirements.lock.new
	@uv pip compile --quiet --universal --fork-strategy fewest --generate-hashes --extra dev \
	  --no-header --no-annotate pyproject.toml -o requirements.lock.new
	@{ echo "# The environment, made by 'make lock' from pyproject.toml. torch comes in several builds of one"; \
	   echo "# version, so it is held by version where everything else is held by hash:"; \
	   echo "# by version: $$(sed -n 's/^ *"\(torch==[^"]*\)",/\1/p' pyproject.toml)"; \
	   awk '/^[^ #]/ { skip = /^(torch|triton|nvidia-|cuda-)/ } !skip' requirements.lock.new; } > requirements.lock
	@rm requirements.lock.new

clean:
	rm -rf build report/build results data/prepared
