"""All settings, read from the environment and from .env. See .env.example."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from project.content_policy import admin_policy, shop_policy
from project.databases import with_engine_options
from project.environment import Environment, fail_startup, within
from project.error_reports import report_errors_to
from project.logs import logging_config
from project.mail import CONSOLE, mailer
from project.stripe_keys import stripe_accounts
from project.templates import LOADERS
from store.money import CURRENCIES

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(BASE_DIR / ".env")

# The folder of the SQLite database, pictures and the first admin password.
VAR_DIR = env.folder("VAR_DIR", default=BASE_DIR / "var")

# --- Process and addresses ---

DEBUG = env.boolean("DEBUG", default=False)
DEMO = env.boolean("DEMO", default=False)
SECRET_KEY = env.secret("SECRET_KEY", debug=DEBUG)
PORT = env.port("PORT", default=8000)
WEB_CONCURRENCY = env.positive("WEB_CONCURRENCY", default=1)
WORKER_THREADS = env.positive("WORKER_THREADS", default=64)
SERVER_LOOP = env.server_loop("SERVER_LOOP", default="auto")
DRAIN_SECONDS = env.limit("DRAIN_SECONDS", default=3)
# How long a process keeps a page of the catalogue; 0 turns it off.
CATALOGUE_CACHE_SECONDS = env.limit("CATALOGUE_CACHE_SECONDS", default=0 if DEBUG else 5)
# Proxies that uvicorn trusts: from others it ignores X-Forwarded-For and X-Forwarded-Proto. Django
# reads neither header.
FORWARDED_ALLOW_IPS = env.networks("FORWARDED_ALLOW_IPS", default="127.0.0.1")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", **({"default": LOCAL_HOSTS} if DEBUG else {}))
# Addresses that Stripe gets are built from this, never from a request's Host header.
LOCAL_URL = f"http://localhost:{PORT}"
BASE_URL = env.own_address(
    "BASE_URL", hosts=ALLOWED_HOSTS, **({"default": LOCAL_URL} if DEBUG else {})
)
ROOT_URLCONF = "project.urls"

# --- Apps, middleware and templates ---

# Apps of the merchant, and a folder whose templates and static files come before the shop's:
# docs/extending.md.
EXTENSIONS = env.apps("EXTENSIONS")
THEME_DIR = env.theme("THEME_DIR")
INSTALLED_APPS = [
    "project",
    "project.apps.MerchantAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "web",
    "store",
    "cart",
    "payments",
    "notifications",
    *EXTENSIONS,
]
MIDDLEWARE = [
    "project.health.answer_probes",
    "project.middleware.identify_request",
    "project.compression.CompressPages",
    "project.catalogue_cache.CatalogueCache",
    "web.client_address.warn_of_unknown_proxy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.middleware.limit_permissions",  # scripts and styles don't need its header
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "project.middleware.protect_admin",
    "project.unreadable.refuse_unreadable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.other_sites.RefuseOtherSites",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "project.middleware.end_idle_logins",
    "project.uploads.CheckBodies",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False  # the shop's addresses have no trailing slash; urls.py redirects /admin
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [*within(THEME_DIR, "templates"), BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS,
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "project.context_processors.shop",
            ],
        },
    },
]

# --- Data ---

DATABASE_POOL_SIZE = env.positive("DATABASE_POOL_SIZE", default=20)
DATABASES = {
    "default": with_engine_options(
        env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'minicart.sqlite3'}"),
        pool_size=DATABASE_POOL_SIZE,
    )
}

# --- Files ---

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "static-collected"))
STATICFILES_DIRS = [*within(THEME_DIR, "static"), BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "project.static_files.SmallStaticFiles"},
    }
MEDIA_URL = "media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))

# --- Languages and time ---

LANGUAGE_CODE = env.one_of("LANGUAGE_CODE", ["en", "ru"], default="en", like="en or ru")
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# The cookie exists only after a buyer has chosen a language in the footer.
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_SECURE = BASE_URL.startswith("https:")
TIME_ZONE = env.one_of(
    "TIME_ZONE", available_timezones(), default="UTC", like="a time zone like Europe/Berlin"
)

# --- Money and Stripe ---

STRIPE_CURRENCIES = env.currencies("STRIPE_CURRENCIES", default="USD", known=CURRENCIES)
# The keys of each currency that has its own variables; "" has the keys of all others.
STRIPE_ACCOUNTS = stripe_accounts(env, STRIPE_CURRENCIES)
STRIPE_API_BASE = env.web_address("STRIPE_API_BASE", default="")
STRIPE_JS_URL = env.web_file("STRIPE_JS_URL", default="https://js.stripe.com/v3/")
# checkout is Stripe's page, intent is Stripe's form within the shop's page.
PAYMENT_METHODS = env.some_of("PAYMENT_METHODS", ["checkout", "intent"])
# What Stripe's page asks for besides the payment: docs/deployment.md, "At Stripe".
CHECKOUT_PHONE_NUMBER = env.boolean("CHECKOUT_PHONE_NUMBER", default=False)
CHECKOUT_TAX_ID = env.boolean("CHECKOUT_TAX_ID", default=False)
CHECKOUT_TERMS = env.boolean("CHECKOUT_TERMS", default=False)
# Domains of the merchant under which Stripe's page is shown; browsers must be allowed to go there.
# https://docs.stripe.com/payments/checkout/custom-domains
CHECKOUT_DOMAINS = env.hosts("CHECKOUT_DOMAINS", default=[])
# How long an order holds limited stock while the buyer pays. Stripe accepts 30 minutes to 24 hours;
# the bounds are five minutes narrower, because Stripe's clock may differ from ours.
# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
HOLD_MINUTES = env.minutes("HOLD_MINUTES", default=35, at_most=24 * 60 - 5)
# How long an order waits for a bank transfer, which doesn't expire at Stripe.
TRANSFER_DAYS = env.positive("TRANSFER_DAYS", default=14)
# Whether an order keeps its stock until the buyer has paid its voucher or bank transfer. Otherwise
# the stock is taken when the money arrives, if there is some.
VOUCHERS_HOLD_STOCK = env.boolean("VOUCHERS_HOLD_STOCK", default=True)
# What one address can hold without paying; 0 turns a limit off. The first one turns off the limit
# on codes and the pause too. See "What buyers can reserve" in docs/deployment.md.
HELD_PIECES_PER_ADDRESS = env.limit("HELD_PIECES_PER_ADDRESS", default=4)
HELD_SHARE_PER_ADDRESS = env.limit("HELD_SHARE_PER_ADDRESS", default=25, at_most=100)
OPEN_ATTEMPTS_PER_ADDRESS = env.limit("OPEN_ATTEMPTS_PER_ADDRESS", default=100)
# What one address can do in a minute, and how often it can fail to log in; 0 turns a limit off:
# docs/deployment.md, "Limits per address".
BUY_RATE_LIMIT = env.limit("BUY_RATE_LIMIT", default=60)
WRITE_RATE_LIMIT = env.limit("WRITE_RATE_LIMIT", default=120)
CODE_RATE_LIMIT = env.limit("CODE_RATE_LIMIT", default=10)
LOGIN_RATE_LIMIT = env.limit("LOGIN_RATE_LIMIT", default=5)
# Staff get a mail when a sale leaves this many pieces of an item, or fewer; 0 turns it off.
LOW_STOCK = env.limit("LOW_STOCK", default=3)

if STRIPE_API_BASE and any(account.livemode for account in STRIPE_ACCOUNTS):
    fail_startup("STRIPE_API_BASE is set together with a live key; real keys go to Stripe only.")
if BASE_URL.startswith("http:") and any(account.livemode for account in STRIPE_ACCOUNTS):
    fail_startup("BASE_URL must start with https:// where live keys take real money.")
if STRIPE_API_BASE and not (DEBUG or DEMO):
    fail_startup(
        "STRIPE_API_BASE is set with DEBUG off; only a demonstration (DEMO=True) may do that."
    )

# --- Security ---

SECURE_SSL_REDIRECT = env.boolean(
    "SECURE_SSL_REDIRECT", default=not DEBUG and BASE_URL.startswith("https:")
)
SECURE_HSTS_SECONDS = 31_536_000 if BASE_URL.startswith("https:") else 0
SESSION_ENGINE = "web.sessions"
# As long as carts live that nobody changes (project/cleanup.py). In seconds.
SESSION_COOKIE_AGE = 30 * 24 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
STAFF_SESSION_AGE = 12 * 60 * 60  # without a request
SESSION_COOKIE_SECURE = BASE_URL.startswith("https:")
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = [
    # web.other_sites replaces Django's check of tokens.
    "security.W003",
    # HSTS of other hosts of the domain is not the shop's decision.
    "security.W005",
    "security.W021",
]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
ADMIN_CSP = admin_policy()
SECURE_CSP = shop_policy(
    api_base=STRIPE_API_BASE, stripe_js=STRIPE_JS_URL, checkout_domains=CHECKOUT_DOMAINS
)
# Windows that Stripe's form opens, as Link does for a login, must be able to answer it.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"

# --- Privacy ---

# How long the law wants orders kept, counted from the end of the year: docs/privacy.md.
RETENTION_YEARS = env.positive("RETENTION_YEARS", default=10)

# --- Mail ---

# Without a mail server, mails wait (notifications/sending.py).
EMAIL_URL = env.str("EMAIL_URL", default="")
SENDS_MAIL = bool(EMAIL_URL)
MAILERS = {"default": mailer(EMAIL_URL or CONSOLE)}
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default=f"shop@{urlsplit(BASE_URL).hostname}")

# --- Logs and reports ---

LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LOG_LEVEL = env.one_of("LOG_LEVEL", LOG_LEVELS, default="INFO", like=" or ".join(LOG_LEVELS))
LOGGING = logging_config(LOG_LEVEL, as_json=not DEBUG)
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    report_errors_to(SENTRY_DSN)
