# Needs GNU make 3.81 or newer, a POSIX shell and Python 3.11 or newer with its venv module. All else goes into .venv.

PYTHON ?= python3

VENV := .venv
CLIENTS := .clients
BIN := $(VENV)/bin

# A stamp is written last: an interrupted install leaves none. They lie inside .venv, so that they go when it goes.
CORE := $(VENV)/.installed-core
TEST := $(VENV)/.installed-test

# Settings meant for another Python would send packages, or imports, elsewhere.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONDONTWRITEBYTECODE PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER := 0
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help reach install test test-fast check docs links bench engines kernel batch faults programmes simulated need fuzz clients backtest scoreboard reference paper calibrate schemas lock lowest clean FORCE

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

reach: $(CORE)  ## print each target of the plan with its probability, and draw the figure, into results/reach
	$(BIN)/fiveyear reach --out results/reach --force

install: $(TEST)  ## make .venv with all that the tests need

# With a worker for each processor, further threads of linear algebra only wait for one another.
PARALLEL := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto

test: $(TEST)  ## run all tests, as CI does
	$(PARALLEL) --dist worksteal

test-fast: $(TEST)  ## run the tests that are not marked slow
	$(PARALLEL) -m "not slow"

# The tests are a second call: `packages` in pyproject.toml gives way to a path on the command line. The links are left
# out there only, since the first call needs them.
check: $(TEST)  ## check style, formatting, types and which folder imports which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/mypy --exclude '^tests/typing/' tests docs
	PYTHONPATH=tests/typing $(BIN)/lint-imports

docs: $(TEST)  ## build the documentation site, with what its notebooks print, into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html -D nb_execution_mode=cache docs docs/_build/html

links: $(TEST)  ## follow the links of the documentation to other sites, which takes a network
	$(BIN)/python -m sphinx -b linkcheck -D nb_execution_mode=off docs docs/_build/links

bench: $(TEST)  ## time answers beside an earlier commit, and write docs/speed.md (some 10 minutes)
	$(BIN)/python benchmarks/speed.py

engines: $(TEST)  ## run exported files in PySD and pysimlin, and write docs/engines.md
	$(BIN)/python benchmarks/engines.py

kernel: $(TEST)  ## hold the compiled kernel against C and numpy, and write docs/kernel_*.md
	$(BIN)/python benchmarks/kernel.py

batch: $(TEST)  ## time whole experiments, and write docs/batch_speed.md
	$(BIN)/python benchmarks/batch.py

faults: $(TEST)  ## kill runs, flip bits and fill disks, and write docs/faults.md (some 20 minutes)
	$(BIN)/python benchmarks/faults.py

programmes: $(TEST)  ## time the programmes and the queue of patent examination
	$(BIN)/python benchmarks/programmes.py

simulated: $(TEST)  ## fit facts that the model made, 500 times, and write docs/simulated.md (some two hours)
	$(BIN)/python benchmarks/simulated.py

need: $(TEST)  ## ask what it would take for 40 random wishes, and write docs/need.md (some 15 minutes)
	$(BIN)/python benchmarks/need.py

fuzz: $(TEST)  ## alter 12,000 inputs of every kind, see what becomes of each, and write docs/fuzz.md
	$(BIN)/python benchmarks/fuzz.py

clients: $(CLIENTS)/.installed  ## write files of every kind, read them in other programs, and write docs/clients.md
	$(CLIENTS)/bin/python benchmarks/clients.py

backtest: $(CORE)  ## score the method against 2006-2010 from an origin in 2005, and write docs/backtest.md
	$(BIN)/fiveyear backtest --plan scenarios/plans/eleventh --out results/backtest --force
	cp results/backtest/backtest.md results/backtest/*.png docs/

scoreboard: $(CORE)  ## score the method from the origins 2003 to 2009, and write docs/scoreboard.md (some 10 minutes)
	$(BIN)/fiveyear backtest --plan scenarios/plans/eleventh --origins 2003-2009 --out results/scoreboard --force
	cp results/scoreboard/scoreboard.md results/scoreboard/scoreboard.png docs/
	cp results/scoreboard/scoreboard_summary.json experiments/forecast/

reference: $(CORE)  ## study how forecasts of other countries erred, and write docs/reference_class.md
	$(BIN)/fiveyear reference --out results/reference --force
	cp results/reference/reference_class.md results/reference/*.png docs/

paper: $(TEST)  ## build the paper into results/paper, and its pages into docs/paper (some 5 minutes, the first time)
	$(BIN)/fiveyear paper --out results/paper
	rm -rf docs/paper && mkdir -p docs/paper/figures docs/paper/tables
	cp results/paper/paper.md results/paper/paper.pdf results/paper/numbers.json results/paper/manifest.json docs/paper/
	cp results/paper/figures/*.svg docs/paper/figures/
	cp results/paper/tables/*.md docs/paper/tables/

calibrate: $(CORE)  ## fit the parameters to the facts again
	$(BIN)/fiveyear calibrate --plan scenarios/plans/twelfth --plan scenarios/plans/eleventh

# Written whole or not at all: a command that fails must not leave an empty schema.
schemas: $(CORE)  ## write the JSON Schemas of scenarios/schemas again
	for file in scenarios/schemas/*.json; do \
	    $(BIN)/fiveyear scenario schema "$$(basename "$$file" .json)" > "$$file.new" && mv "$$file.new" "$$file" || exit 1; \
	done

clean:  ## remove .venv, .lowest, .clients, caches and build files; results/ stays
	rm -rf $(VENV) $(LOWEST) $(CLIENTS) build dist docs/_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# --- .venv ---

# One sentence for each thing that may be missing, before anything is made. The first line runs on any Python.
define require_python
	if ! $(PYTHON) -c 'import sys' >/dev/null 2>&1; then \
	    echo 'fiveyear needs Python 3.11 or newer and "$(PYTHON)" does not run: install it (Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python) or name one, as in: make PYTHON=/usr/bin/python3.12' >&2; \
	    exit 1; \
	fi; \
	if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    echo "fiveyear needs Python 3.11 or newer and \"$(PYTHON)\" is older ($$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')): install a newer one (Debian, Ubuntu: sudo apt install python3.11 python3.11-venv; macOS: brew install python) and name it, as in: make PYTHON=python3.11" >&2; \
	    exit 1; \
	fi; \
	if ! $(PYTHON) -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    echo "\"$(PYTHON)\" (Python $$version) lacks its venv module: install it (Debian, Ubuntu: sudo apt install python$$version-venv) or name another Python, as in: make PYTHON=/usr/bin/python3.12" >&2; \
	    exit 1; \
	fi
endef

# pip killed half-way through a package takes it for installed the next time. So `.unfinished` marks a .venv in which an
# install has not ended; it is made afresh, unless one still runs: the lock on the file dies with the shell and its pip.
# (A process number would not do: in a container the dead may be listed for ever.)
define begin_install
	exec 9>>$(VENV)/.unfinished; \
	$(BIN)/python -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null; \
	if test $$? -eq 1; then \
	    echo 'another make installs into .venv at this moment: repeat when it is done' >&2; \
	    exit 1; \
	fi
endef

# Scripts in .venv, and the editable install, hold absolute paths: after the checkout moved, .venv is made afresh.
# Otherwise a .venv that is already there is kept if it has pip and a Python that is new enough.
define usable
	test ! -e $(VENV)/.unfinished \
	    && { test ! -e $(VENV)/.made-in || test "$$(cat $(VENV)/.made-in)" = "$(CURDIR)"; } \
	    && $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    && $(BIN)/python -m pip --version >/dev/null 2>&1
endef

ifneq ($(shell cat $(VENV)/.made-in 2>/dev/null),$(CURDIR))
$(VENV)/.made-in: FORCE
endif
ifneq ($(wildcard $(VENV)/.unfinished),)
$(VENV)/.made-in: FORCE
endif
ifneq ($(shell $(BIN)/python -c 'print(1)' 2>/dev/null),1)
$(VENV)/.made-in: FORCE
endif
$(VENV)/.made-in:
	@if test -e $(VENV)/.unfinished; then $(begin_install); exec 9>&-; fi; \
	if ! { $(usable); }; then \
	    $(require_python); \
	    echo 'making .venv'; \
	    $(PYTHON) -m venv --clear $(VENV) || exit 1; \
	fi; \
	printf '%s\n' "$(CURDIR)" > $@

$(CORE): requirements.lock pyproject.toml $(VENV)/.made-in
	@$(begin_install); \
	echo 'installing fiveyear and what it needs into .venv (half a minute or so, the first time)'; \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock \
	    && $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . \
	    && rm $(VENV)/.unfinished \
	    && touch $@

$(TEST): requirements-test.lock $(CORE)
	@$(begin_install); \
	echo 'installing what the tests need into .venv'; \
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock \
	    && rm $(VENV)/.unfinished \
	    && touch $@


# --- the clients ---

$(CLIENTS)/.installed: benchmarks/clients.txt pyproject.toml
	@$(require_python); \
	echo 'installing what other people read our files with into .clients (three minutes or so, and 1.2 GB)'; \
	$(PYTHON) -m venv --clear $(CLIENTS) \
	    && $(CLIENTS)/bin/python -m pip install --quiet -r benchmarks/clients.txt -e '.[fast,tables]' \
	    && touch $@


# --- locks ---

# --no-emit-index-url: a lock says what is installed, not from where. Pins that still fit are kept; to renew them all:
# make lock UPGRADE=--upgrade
UPGRADE :=
TESTED := fast cluster tables paper referee docs test
COMPILE = pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
    --custom-compile-command "make lock" $(UPGRADE) --group build pyproject.toml

define find_uv
	uv=$$(command -v uv); \
	if [ -z "$$uv" ]; then \
	    $(require_python); \
	    away=$$(mktemp -d) && trap 'rm -rf "$$away"' EXIT && trap 'exit 130' INT TERM \
	        && $(PYTHON) -m venv "$$away" && "$$away/bin/python" -m pip install --quiet uv \
	        || { echo 'make $@ needs uv, and could not fetch it: install it, so that "uv" runs, and repeat' >&2; exit 1; }; \
	    uv=$$away/bin/uv; \
	fi
endef

lock:  ## pin again what pyproject.toml asks for, in requirements.lock and requirements-test.lock
	@$(find_uv); \
	"$$uv" $(COMPILE) --extra fast --output-file requirements.lock >/dev/null \
	    && "$$uv" $(COMPILE) $(TESTED:%=--extra %) --constraints requirements.lock --output-file requirements-test.lock >/dev/null


# --- the lowest versions ---

# What pyproject.toml says is enough is tried: one test file or more for each package. Old packages warn of what newer ones
# below them will drop, so that a warning is no error here. For Python 3.11 or 3.12: newer ones had no numpy 2.0.
LOWEST := .lowest
ENOUGH := $(addprefix tests/, scenarios/test_bad_files.py calibration/test_posterior.py calibration/test_sampler.py \
    model/kernel/test_kernel.py $(addprefix experiments/, test_command_line.py console/test_options.py page/test_page.py \
    store/test_tables.py store/test_cluster.py structure/test_referees.py programmes/test_study.py))

lowest:  ## run some tests with the lowest versions that pyproject.toml allows, in .lowest
	@$(require_python); \
	$(find_uv); \
	"$$uv" venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(LOWEST) \
	    && "$$uv" pip compile --quiet --resolution lowest-direct --python $(LOWEST) --no-emit-index-url --group build \
	        $(TESTED:%=--extra %) --output-file $(LOWEST)/requirements.txt pyproject.toml >/dev/null \
	    && "$$uv" pip sync --quiet --python $(LOWEST) $(LOWEST)/requirements.txt \
	    && "$$uv" pip install --quiet --python $(LOWEST) --no-deps --no-build-isolation --editable . \
	    && $(LOWEST)/bin/python -m pytest --numprocesses auto -m "not slow" -o filterwarnings=default $(ENOUGH)
