# `make run` and `make test` need nothing before them; `make help` lists the rest.
.POSIX:
.PHONY: help setup run test check bench conformance fuzz matrix nightly simulate pictures lock clean

PY = .venv/bin/python
GUI = SDL_VIDEODRIVER=offscreen KIVY_WINDOW=sdl2 KIVY_GL_BACKEND=sdl2 KIVY_NO_ARGS=1 KIVY_NO_CONFIG=1 KIVY_NO_FILELOG=1

help:
	@echo 'make run       the kiosk on emulated devices (ARGS=--windowed on a desk)'
	@echo 'make test      style, types, import rules and every test'
	@echo 'make bench     benchmarks, as ratios to a bare baseline of the same run'
	@echo 'make conformance  the contract on emulators of every protocol; the report is in out/conformance'
	@echo 'make fuzz      atheris on every codec (SECONDS=20 each)'
	@echo 'make matrix    every fault at every row of a receipt (ARGS="--step 50"), and power cut at every instant (CUTS="--step 50"): hours'
	@echo 'make nightly   real processes killed at random instants: 200 kills in some 20 minutes (ARGS="--kills 20")'
	@echo 'make simulate  200 customers in virtual time'
	@echo 'make pictures  every screen and every paper in every language, to out/gallery'
	@echo 'make lock      work the lock file out anew from pyproject.toml'
	@echo 'make clean     remove what was built'

setup:
	@scripts/setup

run: setup
	@$(PY) -m kiosk run $(ARGS)

check: setup
	@$(PY) -m ruff format --check --quiet . || { echo 'run: .venv/bin/ruff format .'; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-cache | tail -2

test: check
	@$(GUI) timeout -s KILL 900 $(PY) -m pytest -n 3 --dist worksteal $(ARGS)

bench: setup
	@$(GUI) timeout -s KILL 900 $(PY) -m tests.benchmarks

conformance: setup
	@$(PY) -m pytest --bench config/benches/conformance-memory.toml --bench-report out/conformance $(ARGS)

SECONDS = 20
fuzz: setup
	@$(PY) -m pip install --quiet atheris==3.0.0
	@$(PY) -m tests.fuzz --seconds $(SECONDS) $(ARGS)

matrix: setup
	@$(PY) -m tests.matrix $(ARGS)
	@$(PY) -m kiosk power-cuts --keep out/power-cuts $(CUTS)

nightly: setup
	@$(GUI) $(PY) -m tests.nightly $(ARGS)

simulate: setup
	@$(PY) -m kiosk simulate --journeys 200 --seed 1

pictures: setup
	@$(GUI) timeout -s KILL 600 $(PY) -m kiosk.screen.gallery out/gallery
	@timeout -s KILL 300 $(PY) -m kiosk.papergallery out/gallery/papers

lock: setup
	@$(PY) -m pip install --quiet pip-tools==7.6.2
	@$(PY) -m piptools compile --quiet --extra test --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --strip-extras --allow-unsafe --no-header --output-file requirements.lock pyproject.toml

clean:
	@rm -rf build out .mypy_cache .ruff_cache .pytest_cache
