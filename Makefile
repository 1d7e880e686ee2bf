# Two commands: `make run` and `make test`; both rest on `make install`.
PYTHON ?= python3.11
BIN := .venv/bin
HOTSPOT_STORE ?= $(CURDIR)/store
# A server needs no test tools: make install LOCK=requirements.lock
LOCK ?= requirements-dev.lock
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes

FUZZ_MINUTES ?= 5

.PHONY: install run test fuzz lock audit-packages licences sbom bench bench-scale bench-load soak proxy-check pictures lint clean

install: .venv/.compiled

# Each file that comes must have one of the SHA-256 sums of the lock, wherever it comes from; nothing is built.
.venv/.installed: $(LOCK)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: set PYTHON=/path/to/python3.11"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -r $(LOCK)
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
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

# After any change of requirements*.txt or constraints.txt: asks the package index for the files of each version (about 15 seconds),
# installs, and lists licences and bill of materials anew.
lock: .venv-tools/.installed
	.venv-tools/bin/python -m supply.lock
	$(MAKE) install licences sbom

# 1 where a vulnerability is known; a note where nobody could be asked.
audit-packages: .venv-tools/.installed
	.venv-tools/bin/python -m supply.audit

licences: install
	$(BIN)/python -m supply.licences

sbom: install
	$(BIN)/python -m supply.bill

.venv-tools/.installed: requirements-tools.lock
	test -x .venv-tools/bin/python || $(PYTHON) -m venv .venv-tools
	.venv-tools/bin/python $(PIP) -r $<
	touch $@

# Minutes of odd files and links; the figures go to docs/assurance.md. Guided by coverage where atheris can be installed.
fuzz: install
	@$(BIN)/python -c "import atheris" 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-fuzz.txt \
		|| echo "atheris cannot be installed here; Hypothesis fuzzes alone"
	PYTHONPATH=tests:tests/hostile $(BIN)/python tests/fuzz/run.py --minutes $(FUZZ_MINUTES)

bench: install
	$(BIN)/python -m bench

# Cost against size; SIZES and CURVES choose some: make bench-scale SIZES=10000,100000 CURVES="density knox-999". Fifty million
# offences, once (half an hour): make bench-scale SIZES=50000000 CURVES=store
bench-scale: install
	$(BIN)/python -m bench.scale $(if $(SIZES),--sizes $(SIZES)) $(CURVES)

# Forty sessions for ten minutes, on a machine that does nothing else.
bench-load: install
	$(BIN)/python -m bench.load

# Two hours of mixed use; MINUTES chooses another length
soak: install
	$(BIN)/python -m bench.soak $(if $(MINUTES),--minutes $(MINUTES))

# Every page behind docs/deployment/nginx.conf, in a browser; needs nginx and Chromium from apt.
proxy-check: install
	$(BIN)/python -m hotspot demo --store "$(HOTSPOT_STORE)" --if-absent
	$(BIN)/python -m bench.proxy_check "$(HOTSPOT_STORE)"

pictures: install
	$(BIN)/python docs/make_pictures.py

lint: install
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf .venv .venv-tools .pytest_cache .hypothesis .ruff_cache .mypy_cache
