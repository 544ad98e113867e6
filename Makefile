# make run: the shop at http://localhost:8000    make test: all tests    make check: everything but tests
PYTHON ?= python3
BIN := .venv/bin

# On all cores; each process has a shop, a local Stripe and a database of its own.
PYTEST_OPTIONS := --numprocesses=auto --dist=worksteal
# These load all cores by themselves.
ALONE := tests/concurrency/test_many_buyers.py tests/concurrency/test_outage.py
# What money and several requests at once depend on runs on both databases.
ON_POSTGRESQL := payments cart/tests tests/concurrency/test_at_once.py tests/crashes -k "not random_orders"

# Settings of a public server, for checking them.
PRODUCTION := env ENV_FILE=/dev/null DEBUG=False SECRET_KEY=$$(head -c 48 /dev/urandom | base64) \
  ALLOWED_HOSTS=shop.example BASE_URL=https://shop.example EMAIL_URL=smtp+tls://mail.example \
  STRIPE_SECRET_KEY=sk_live_check STRIPE_PUBLISHABLE_KEY=pk_live_check STRIPE_WEBHOOK_SECRET=whsec_check

.DEFAULT_GOAL := run
.PHONY: run test soak soak-sqlite soak-postgresql check format lock messages browser caddy bench clean

run: .venv/installed
	@$(BIN)/python -m project.development

test: .venv/installed browser caddy
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) --cov $(ALONE:%=--ignore=%)
	$(BIN)/python -m pytest $(ALONE)
	$(BIN)/python -m tests.support.postgresql $(PYTEST_OPTIONS) $(ON_POSTGRESQL)
	$(BIN)/python -m tests.support.postgresql $(ALONE)
	$(MAKE) soak PURCHASES=2000

# Buys at random while everything goes wrong, on both databases at once, then compares the books:
# make soak SEED=7 PURCHASES=50000
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

bench: .venv/installed
	$(BIN)/python -m bench.serving
	$(BIN)/python -m bench.scaling

.venv/installed: requirements/dev.txt locale/ru/LC_MESSAGES/django.po
	@test -x $(BIN)/python || requirements/create-venv $(PYTHON)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pybabel --quiet compile -D django -d locale
	@mkdir -p var && touch $@

# A system Chromium if there is one, else Playwright's own, else Debian's package.
browser: .venv/installed
	@command -v chromium chromium-browser google-chrome >/dev/null \
	  || $(BIN)/playwright install --with-deps chromium \
	  || (apt-get update -qq && apt-get install -y -qq chromium)

# The proxy of compose.yaml, which tests/deployment/test_deployment.py runs for real.
caddy:
	@command -v caddy >/dev/null || (apt-get update -qq && apt-get install -y -qq caddy) \
	  || (echo "The tests need Caddy: https://caddyserver.com/docs/install" && exit 1)

clean:
	rm -rf .venv .python var static-collected
