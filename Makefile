# Every target brings its own environment: a machine needs only python3 and make.
PYTHON ?= python3
UV := .boot/bin/uv
RUN := $(UV) run --frozen --no-sync
export UV_PROJECT_ENVIRONMENT := .venv
# One more than there are cores: many tests wait for a server, a browser or a second of real time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: help demo serve test check bench planted docs clean
help:
	@echo "make demo    a raid on a class, live in the terminal, and what the controls changed"
	@echo "make serve   a server on 127.0.0.1:8765, in memory"
	@echo "make test    the tests"
	@echo "make check   ruff, mypy --strict, import-linter"
	@echo "make bench   the benchmarks, as ratios to a bare loop in the same run"
	@echo "make planted the table of faulty servers that the library of scenarios finds; some minutes"
	@echo "make docs    writes the generated reference and the generated modules of the SDK anew"

$(UV):
	@$(PYTHON) -m venv .boot
	@.boot/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.synced: $(UV) pyproject.toml uv.lock
	@$(UV) sync --frozen --quiet
	@touch $@

demo: .venv/.synced
	@$(RUN) meetingsim demo $(ARGS)

serve: .venv/.synced
	@$(RUN) meetingsim serve $(ARGS)

test: .venv/.synced
	$(RUN) pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: .venv/.synced
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) lint-imports

bench: .venv/.synced
	@$(RUN) python -m bench $(ARGS)
	@$(RUN) python -m bench.scenarios

planted: .venv/.synced
	@$(RUN) python -m tests.planted $(ARGS)

docs: .venv/.synced
	@$(RUN) python -m scripts.sdk_methods
	@$(RUN) python -m scripts.reference
	@$(RUN) python -m scripts.evasion
	@$(RUN) python -m scripts.client_js

clean:
	rm -rf .boot .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis meetingsim-out
