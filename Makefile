# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.
ARGS ?=
PREFIX ?= /opt/ingestd
INGESTD = .venv/bin/ingestd
SYSTEM_TEST_PACKAGES = b3sum openssl strace golang-go golang-golang-x-mod-dev libfuse3-3 e2fsprogs util-linux \
	umockdev udev systemd systemd-container kmod dosfstools exfatprogs mtools chromium fonts-noto-cjk nginx-light
RIG = qemu-system-x86 busybox-static
RIVALS = dc3dd rclone rsync strace

.PHONY: help setup demo test check rig coverage bench install clean

help:   ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup:  ## make .venv with what running needs
	@tools/setup

demo: setup  ## four simulated recorders come back, eight cases are judged (ARGS="--once --home DIR")
	@$(INGESTD) demo $(ARGS)

.PHONY: dev
dev:
	@tools/setup dev
	@tools/system-packages $(SYSTEM_TEST_PACKAGES) || true

test: dev  ## lints, types, import contracts, tests
	@tools/test $(ARGS)

check: dev  ## lints, types and import contracts only
	@tools/test --check-only

rig: dev  ## recorders on a real USB stack, pulled and cut off, in a machine that QEMU plays (5 to 15 minutes)
	@tools/system-packages $(RIG) || true
	@.venv/bin/python -m pytest -n 2 -m e2e tests/e2e $(ARGS)

coverage: dev  ## branch coverage by the tests that run in one process, reported a file
	@.venv/bin/python -m pytest -n auto -q --cov=ingestd --cov=ingestd_drivers --cov-branch \
		--cov-report=term:skip-covered --ignore=tests/crash --ignore=tests/trace --ignore=tests/e2e $(ARGS)

bench: dev  ## speed and memory as ratios against limits and rivals; keeps bench.json
	@tools/system-packages $(RIVALS) || true
	@.venv/bin/python -m tests.bench $(ARGS)

install: ## into PREFIX (/opt/ingestd) with units for systemd, as root (ARGS="--home DIR"); again to upgrade
	@tools/install $(PREFIX) $(ARGS)

clean:  ## remove what was built (never a home of evidence)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .coverage*
