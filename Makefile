# make run: the shop at http://localhost:8000    make check: everything but tests
# make test: what every change needs             make test-all: that and the long proofs
PYTHON ?= python3
BIN := .venv/bin

PYTEST := $(BIN)/python -m pytest
PYTEST_ON_POSTGRESQL := $(BIN)/python -m tests.support.postgresql
# On all cores. Each test process has its own shop, local Stripe and database.
PARALLEL := --numprocesses=auto --dist=worksteal

NODE := stripe_sandbox/tests/node

# Settings of a public server, for checking them.
PRODUCTION := env ENV_FILE=/dev/null DEBUG=False SECRET_KEY=$$(head -c 48 /dev/urandom | base64) \
  ALLOWED_HOSTS=shop.example BASE_URL=https://shop.example EMAIL_URL=smtp+tls://mail.example \
  STRIPE_SECRET_KEY=sk_live_check STRIPE_PUBLISHABLE_KEY=pk_live_check STRIPE_WEBHOOK_SECRET=whsec_check

.DEFAULT_GOAL := run
.PHONY: run node test test-all contract test-concurrency test-crashes test-deployment soak soak-sqlite soak-postgresql \
  gallery recording check format lock messages screenshots browser visible-browser nginx wrk pillow-pictures bench clean

run: .venv/installed
	@$(BIN)/python -m project.development

# The apps, the pages in a browser, the repository; then money, the search and the upgrade on PostgreSQL.
test: .venv/installed browser node
	$(PYTEST) $(PARALLEL) --cov
	$(PYTEST_ON_POSTGRESQL) $(PARALLEL) payments cart store/tests/search \
	  project/tests/test_large_shop.py tests/upgrade -k "not random_orders"
	$(MAKE) soak PURCHASES=100

test-all: test test-concurrency test-crashes test-deployment
	$(PYTEST) $(PARALLEL) tests/gallery tests/upgrade/record_release.py
	RANDOM_ORDERS=125 $(PYTEST) $(PARALLEL) notifications/tests/test_random_orders.py
	$(MAKE) soak PURCHASES=2000

# Compares the local Stripe with the real one: docs/contract.md. SHOP=1 also buys in a browser.
contract: .venv/installed $(if $(SHOP),visible-browser)
	@$(BIN)/python -m tests.contract $(if $(SHOP),--shop) $(if $(LISTEN),--listen) $(if $(ONLY),--only "$(ONLY)")

# Many requests at the same time. They use all cores, so they run one after the other.
test-concurrency: .venv/installed
	$(PYTEST) tests/concurrency
	$(PYTEST_ON_POSTGRESQL) tests/concurrency

# A crash at every point of every purchase and refund.
test-crashes: .venv/installed
	$(PYTEST) $(PARALLEL) tests/crashes
	$(PYTEST_ON_POSTGRESQL) $(PARALLEL) tests/crashes

# The shop as `make run` and as compose.yaml start it.
test-deployment: .venv/installed browser nginx wrk pillow-pictures
	$(PYTEST) $(PARALLEL) tests/deployment

# Random purchases while calls fail and processes are killed, on both databases at the same time;
# then the shop's rows are compared with Stripe's: make soak SEED=7 PURCHASES=50000
SEED ?= $(shell date +%s)
PURCHASES ?= 10000
soak: .venv/installed
	@$(MAKE) --jobs=2 soak-sqlite soak-postgresql
soak-sqlite soak-postgresql: soak-%: .venv/installed
	$(BIN)/python -m tests.soak --seed $(SEED) --purchases $(PURCHASES) --database $*

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	DEBUG=True $(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=True $(BIN)/python manage.py check
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade $$(git ls-files 'templates/*.html')

# Compiles requirements/*.txt from *.in, with hashes and for every platform.
lock: .venv/installed
	for name in base production sandbox uv dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links --upgrade requirements/$$name.in -o requirements/$$name.txt; done

# Brings new texts of the pages and the code into locale/ru; translate the empty ones by hand.
messages: .venv/installed
	PYTHONPATH=. $(BIN)/pybabel extract -F locale/babel.cfg --no-location --sort-output --project Minicart --version 1 -o var/django.pot .
	$(BIN)/pybabel update -D django -i var/django.pot -d locale -l ru --no-fuzzy-matching --ignore-obsolete --width=100

# The pictures of docs/first-hour.md.
screenshots: .venv/installed browser
	SCREENSHOTS=docs/screenshots $(PYTEST) tests/journeys/test_first_hour.py

# Every page in every state: sheets in docs/design/, full size in var/gallery/. A part: make gallery ONLY="cart or item"
gallery: .venv/installed browser
	GALLERY=docs/design $(PYTEST) $(PARALLEL) tests/gallery -k "$(ONLY)"

# Records the database and the migrations of the version in pyproject.toml: CONTRIBUTING.md, "Release".
recording: .venv/installed
	RECORDING=1 $(PYTEST) -q tests/upgrade/record_release.py

# Writes the table of docs/performance.md with SAVE=1. A short part: make bench QUICK=1 ONLY="buy,cart"
# DATABASE=sqlite PROCESSES=1. ONLY has words of the table's first column, or growth, memory, handlers.
bench: .venv/installed wrk
	@$(BIN)/python -m bench $(if $(ONLY),--only "$(ONLY)") $(if $(DATABASE),--database $(DATABASE)) \
	  $(if $(PROCESSES),--processes $(PROCESSES)) $(if $(QUICK),--quick) $(if $(SAVE),--save)

.venv/installed: requirements/dev.txt locale/ru/LC_MESSAGES/django.po
	@test -x $(BIN)/python || requirements/create-venv $(PYTHON)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pybabel --quiet compile -D django -d locale
	@mkdir -p var && touch $@

# Chromium's headless shell: Debian's package or Playwright's download. Without both, a whole Chromium.
browser: .venv/installed
	@command -v chromium-headless-shell >/dev/null \
	  || (apt-get update -qq && apt-get install -y -qq chromium-headless-shell) 2>/dev/null \
	  || $(BIN)/playwright install --with-deps --only-shell chromium \
	  || command -v chromium chromium-browser google-chrome

# The load generator of `make bench`.
wrk:
	@command -v wrk >/dev/null || (apt-get update -qq && apt-get install -y -qq wrk) 2>/dev/null \
	  || { echo "make bench needs wrk: install it from https://github.com/wg/wrk or your distribution."; exit 1; }

# Stripe's library for Node, for a test of the local Stripe; left out where there is no Node.
node:
	@! command -v npm >/dev/null || test -d $(NODE)/node_modules/stripe \
	  || npm ci --silent --ignore-scripts --prefix $(NODE) || echo "npm can't install stripe; its test is skipped."

# With windows, for `make contract SHOP=1`.
visible-browser: .venv/installed
	@command -v chromium chromium-browser google-chrome >/dev/null \
	  || $(BIN)/playwright install --with-deps chromium

# A cache in front of the shop, for tests/deployment/test_nginx.py.
nginx:
	@PATH=$$PATH:/usr/sbin command -v nginx >/dev/null \
	  || (apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light) 2>/dev/null \
	  || (echo "nginx is needed; install it with the package manager of your system." && false)

# The files with which Pillow is tested, for tests/deployment/test_pillow_pictures.py. Nothing is built.
PILLOW := pillow-$(shell sed -n 's/^pillow==\([0-9.]*\).*/\1/p' requirements/base.txt)
pillow-pictures: var/$(PILLOW)
var/$(PILLOW): | .venv/installed
	sed -n '/^pillow==/,/[^\\]$$/p' requirements/base.txt > var/pillow.txt
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary pillow --require-hashes \
	  --requirement var/pillow.txt --dest var
	tar -xzf var/$(PILLOW).tar.gz -C var $(PILLOW)/Tests/images && rm var/$(PILLOW).tar.gz

clean:
	rm -rf .venv .python var static-collected
