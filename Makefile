# Two commands: `make run` and `make test`; both rest on `make install`.
PYTHON ?= python3.11
BIN := .venv/bin
HOTSPOT_STORE ?= $(CURDIR)/store

.PHONY: install run test bench bench-scale pictures lint clean

install: .venv/.compiled

.venv/.installed: requirements.txt requirements-dev.txt requirements-dask.txt requirements-postgresql.txt constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: set PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt -r requirements-dev.txt
	touch $@

# Compiled loops are made here, so that nobody waits for a compiler later; until they are made numpy stands in.
.venv/.compiled: .venv/.installed $(wildcard hotspot/methods/compiled/*.py)
	$(BIN)/python -m hotspot.methods.compiled
	touch $@

run: install
	$(BIN)/python -m hotspot demo --store "$(HOTSPOT_STORE)" --if-absent
	HOTSPOT_STORE="$(HOTSPOT_STORE)" $(BIN)/streamlit run app.py

# The browser tests drive Debian's Chromium, and others start Debian's PostgreSQL with PostGIS; without apt they say why they are
# skipped. Two workers have half of them each; a third
# made the suite slower on two processors (10 minutes, not 9).
test: install
	@if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) >/dev/null 2>&1 || echo "Chromium could not be installed; browser tests will be skipped"; fi
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && ! ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then \
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql postgresql-15-postgis-3) >/dev/null 2>&1 || echo "PostgreSQL with PostGIS could not be installed; its tests will be skipped"; fi
	$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: install
	$(BIN)/python -m bench

# Cost against size; SIZES and CURVES choose some: make bench-scale SIZES=10000,100000 CURVES="density knox-999"
bench-scale: install
	$(BIN)/python -m bench.scale $(if $(SIZES),--sizes $(SIZES)) $(CURVES)

pictures: install
	$(BIN)/python docs/make_pictures.py

lint: install
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf .venv .pytest_cache .hypothesis .ruff_cache .mypy_cache
