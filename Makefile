# Every command that a person or a machine needs; each sets up what it needs, on Debian, from nothing but Python.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SUDO   := $(if $(filter 0,$(shell id -u)),,sudo)
WORKERS ?= 3
SECONDS ?= 60
WINDOWS ?= .windows
# read by mypy, which otherwise uses one processor alone
export MYPY_NUM_WORKERS ?= 2
# the catalogues of translations are built by the installation
TEXTS  := $(wildcard resources/locales/*/LC_MESSAGES/parts/*.po)
SIMULATOR := 'jupedsim>=1.4,<2'

# a virtual environment needs Debian's python3-venv; a Python from elsewhere brings its own
VENV_PACKAGES := $(shell $(PYTHON) -c 'import ensurepip' 2>/dev/null || echo python3-venv)
WINDOW_PACKAGES := libegl1 libgl1 libglib2.0-0t64 libdbus-1-3 libfontconfig1 libxkbcommon0 libgssapi-krb5-2 \
	libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0
TEST_PACKAGES := $(WINDOW_PACKAGES) poppler-utils \
	gir1.2-gst-rtsp-server-1.0 gir1.2-gstreamer-1.0 python3-gi gstreamer1.0-plugins-base \
	gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly mosquitto postgresql

# what people read reports with
READER_PACKAGES := chromium libreoffice-impress libreoffice-calc

.PHONY: help demo pictures demo-files test test-one test-slow test-torch windows-environment test-windows faults site-faults fuzz audit-code check fonts translations bench soak bundle guide guide-pictures command-line room-map hooks deb test-bundle clean

help:            ## show the commands
	@grep -E '^[a-z-]+: .*##|^[a-z-]+: +##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/'

define install_system
@missing=""; for package in $(1); do \
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then echo "Installing system packages:$$missing"; \
	$(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; fi
endef

$(VENV)/.run: pyproject.toml $(TEXTS)
	$(call install_system,$(VENV_PACKAGES))
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(call install_system,$(TEST_PACKAGES))
	$(BIN)/python -m pip install --quiet --editable '.[gui,test]'
	@# without its dependencies, which are a viewer of 565 MB
	$(BIN)/python -m pip install --quiet --no-deps $(SIMULATOR)
	@touch $@

# some 5 GB more where pip brings torch with CUDA; any torch that is there already will do
$(VENV)/.torch: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --editable '.[torch]'
	@touch $@

$(VENV)/.window: $(VENV)/.run
	$(call install_system,$(WINDOW_PACKAGES))
	$(BIN)/python -m pip install --quiet --editable '.[gui]'
	@touch $@

demo: $(VENV)/.window    ## open the window on a demo exhibition; without a display: pictures in demo-output/
	$(BIN)/python -m app demo --out demo-output

pictures: $(VENV)/.window  ## pictures of every page in every language, theme and size (demo-output/screenshots/)
	$(BIN)/python -m app demo --out demo-output --offscreen --all-pictures

demo-files: $(VENV)/.test ## make resources/demo again: simulate, film and track three days, render four clips
	$(BIN)/python -m tools.demo.make

test: $(VENV)/.test      ## everything that must hold: style, types, contracts, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not torch"

test-one: $(VENV)/.test  ## one file, folder or test: make test-one T=tests/unit/analytics/dwell/test_visits.py K=swaying
	$(BIN)/python -m pytest -q -o faulthandler_timeout=0 $(T) $(if $(K),-k "$(K)")

test-slow: $(VENV)/.test ## the tests that take minutes
	$(call install_system,$(READER_PACKAGES) strace)
	$(BIN)/python -m pytest -m "slow and not torch"

test-torch: $(VENV)/.torch ## the adapters of ultralytics, export and training, with torch for CPU or GPU
	$(BIN)/python -m pytest -m torch

windows-environment: $(VENV)/.run ## Wine, and the Windows build of Python with all packages, in $(WINDOWS)/ (1.2 GB)
	$(call install_system,wine wine64)
	$(BIN)/python -m tools.windows.make_environment $(WINDOWS)/python

test-windows: windows-environment ## run the ordinary tests by the Windows build of Python under Wine, folder by folder (an hour); T= for some
	$(BIN)/python -m tools.windows.run_tests --python $(WINDOWS)/python/python.exe --output $(WINDOWS)/results $(T)

faults: $(VENV)/.test    ## really produce every fault of cameras and machine; ends with a table (root for disks; ten minutes on a machine that does nothing else)
	$(call install_system,faketime)
	$(BIN)/python -m pytest -m slow -o faulthandler_timeout=0 tests/integration/fault_matrix

site-faults: $(VENV)/.test    ## break a site of five machines and a server in every way; ends with a table (an hour; a full disk needs root)
	$(call install_system,postgresql faketime)
	$(BIN)/python -m tools.site.site_faults $(ARGS)

fuzz: $(VENV)/.test      ## damage files of every kind and hold their readers to it; SECONDS=3600 for longer
	EXPOFLOW_FUZZ_SECONDS=$(SECONDS) $(BIN)/python -m pytest tests/fuzz -n $(WORKERS) -o faulthandler_timeout=0

audit-code: $(VENV)/.test ## bandit on our code, pip-audit on the packages; status 2: no package could be looked up
	$(BIN)/python -m tests.security.code_audit

check: $(VENV)/.test     ## style, types and contracts alone
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

fonts: $(VENV)/.test     ## make resources/fonts again from Debian's Noto Sans CJK
	$(call install_system,fonts-noto-cjk unicode-data)
	$(BIN)/python -m pip install --quiet fonttools
	$(BIN)/python resources/fonts/make_fonts.py resources/fonts

translations: $(VENV)/.test ## merge the translations of resources/locales into what the program reads (installing does it, too)
	$(BIN)/python resources/locales/make_translations.py

guide: $(VENV)/.run      ## the user guide as a site in both languages (dist/guide/)
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --clean --config-file mkdocs.yml
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --clean --config-file mkdocs.zh_CN.yml
	@! grep -rlE '<(script|link|img)[^>]+(src|href)="https?://' dist/guide || (echo "these pages fetch from elsewhere"; exit 1)

guide-pictures: $(VENV)/.test ## take the guide's pictures of the window again (two minutes); look at them afterwards
	$(BIN)/python -m tests.support.windows.guide_pictures

command-line: $(VENV)/.run  ## write docs/command-line.md again from the commands
	$(BIN)/python -m tools.command_line_page

room-map: $(VENV)/.test  ## write the map of rooms in ARCHITECTURE.md again from the contracts
	$(BIN)/python -m tools.room_map

hooks: $(VENV)/.test     ## run what `make check` runs before every commit (pre-commit)
	$(BIN)/python -m pip install --quiet pre-commit
	$(BIN)/pre-commit install

bench: $(VENV)/.test     ## speed against named baselines (needs real footage), the window's loop, the metrics
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.event_loop
	$(BIN)/python -m benchmarks.event_loop --pages
	$(BIN)/python -m benchmarks.analytics

soak: $(VENV)/.test      ## record eight simulated cameras for an hour: do memory, threads and delay stay flat?
	$(BIN)/python -m benchmarks.soak --minutes 60

# an environment of its own: what only tests and torch need must not come along
dist/expoflow/expoflow: build.spec pyproject.toml $(shell find app vision analytics resources -type f -not -name '*.pyc')
	$(call install_system,$(VENV_PACKAGES) $(WINDOW_PACKAGES) binutils)
	@test -x build/bundle-venv/bin/python || $(PYTHON) -m venv build/bundle-venv
	build/bundle-venv/bin/python -m pip install --quiet --editable '.[gui]' pyinstaller
	build/bundle-venv/bin/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/pyinstaller build.spec

bundle: dist/expoflow/expoflow ## a folder with everything inside, for machines without Python (dist/expoflow/)

deb: bundle              ## a Debian package of the bundle
	packaging/linux/make_deb.sh dist/expoflow dist

test-bundle: deb         ## install the package in a bare Debian without Python and work with it (root, ten minutes)
	$(call install_system,debootstrap)
	packaging/linux/test_bundle.sh "$$(ls dist/*.deb)"

clean:                   ## remove what the commands made
	rm -rf $(VENV) demo-output build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
