"""What is the same everywhere. The environment is read here and in production.py, nowhere else."""

from pathlib import Path

import environ
import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from incubator.common import schedule as common_schedule
from incubator.jobs import schedule as jobs_schedule
from incubator.mailing import schedule as mailing_schedule
from incubator.running.dsn import django_database
from incubator.running.environment import camp_environment, var_folder
from incubator.running.postgres import database_url
from incubator.running.queue import celery_settings
from incubator.running.slurm_commands import slurm_commands
from investors.dataroom import schedule as dataroom_schedule
from investors.matching import schedule as matching_schedule
from tenants.compute import schedule as compute_schedule
from tenants.consulting import schedule as consulting_schedule
from tenants.deadlines import schedule as deadlines_schedule
from tenants.helpdesk import schedule as helpdesk_schedule
from tenants.intake import schedule as intake_schedule
from tenants.leases import schedule as leases_schedule
from tenants.mentordays import schedule as mentordays_schedule
from tenants.programmes import schedule as programmes_schedule

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = var_folder()
CAMP_ENV = camp_environment()

DATABASE_URL = env.str("DATABASE_URL", default="") or database_url(VAR)
DATABASES = {"default": {**django_database(DATABASE_URL), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "incubator.common.apps.CommonConfig",
    "incubator.common.apps.CampAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "django_celery_beat",
    "import_export",
    "pgtrigger",
    "pghistory",
    "rules.apps.AutodiscoverRulesConfig",
    "csp",
    "incubator.audit.apps.AuditConfig",
    "incubator.accounts.apps.AccountsConfig",
    "incubator.mailing.apps.MailingConfig",
    "incubator.jobs.apps.JobsConfig",
    "tenants.companies.apps.CompaniesConfig",
    "tenants.papers.apps.PapersConfig",
    "tenants.leases.apps.LeasesConfig",
    "tenants.consulting.apps.ConsultingConfig",
    "tenants.compute.apps.ComputeConfig",
    "tenants.helpdesk.apps.HelpdeskConfig",
    "tenants.outcomes.apps.OutcomesConfig",
    "tenants.lifecycle.apps.LifecycleConfig",
    "tenants.deadlines.apps.DeadlinesConfig",
    "tenants.intake.apps.IntakeConfig",
    "tenants.mentordays.apps.MentorDaysConfig",
    "tenants.programmes.apps.ProgrammesConfig",
    "tenants.portal.apps.PortalConfig",
    "investors.firms.apps.FirmsConfig",
    "investors.matching.apps.MatchingConfig",
    "investors.demoday.apps.DemoDayConfig",
    "investors.dataroom.apps.DataRoomConfig",
    "investors.portal.apps.InvestorPortalConfig",
    "incubator.reporting.apps.ReportingConfig",
    "incubator.demo.apps.DemoConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "incubator.common.middleware.CampCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "incubator.common.middleware.HostileInputMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "incubator.accounts.middleware.DatabaseRoleMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "incubator.urls"
WSGI_APPLICATION = "incubator.wsgi.application"
ASGI_APPLICATION = "incubator.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "incubator.navigation.camp",
            ],
            "builtins": ["incubator.common.templatetags.camp"],
        },
    }
]
FORM_RENDERER = "incubator.common.forms.CampRenderer"

# --- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "incubator.accounts.adapter.CampAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/start/"
LOGOUT_REDIRECT_URL = "/"

# --- language and time
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
USE_TZ = True

# --- files
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor/krds", VAR / "assets" / "krds")]
MEDIA_ROOT = VAR / "media"
PAPER_FONTS = VAR / "assets" / "paper"
MEDIA_URL = "/media/"
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
if storage_url := env.str("STORAGE_URL", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": storage_url.removeprefix("s3://"), "querystring_auth": True},
    }
MEGABYTE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * MEGABYTE
UPLOAD_MAX_BYTES = 20 * MEGABYTE
# More than a file may have, so that the form can say which of its files is too large and keep what was typed.
REQUEST_MAX_BYTES = 64 * MEGABYTE
PICTURE_MAX_BYTES = 5 * MEGABYTE

# --- cache, sessions, queue: the database, unless there is a Redis
REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, str]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "camp_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "camp"},
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
locals().update(celery_settings(DATABASE_URL, env.str("CELERY_BROKER_URL", default="") or None))
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_CLS = "incubator.common.tasks:CampTask"
CELERY_BEAT_SCHEDULE = {
    **common_schedule.SCHEDULE,
    **leases_schedule.SCHEDULE,
    **compute_schedule.SCHEDULE,
    **mailing_schedule.SCHEDULE,
    **jobs_schedule.SCHEDULE,
    **mentordays_schedule.SCHEDULE,
    **deadlines_schedule.SCHEDULE,
    **helpdesk_schedule.SCHEDULE,
    **consulting_schedule.SCHEDULE,
    **intake_schedule.SCHEDULE,
    **programmes_schedule.SCHEDULE,
    **dataroom_schedule.SCHEDULE,
    **matching_schedule.SCHEDULE,
}

# --- the data centre: usage files are laid into USAGE_FOLDER/<cluster>/, and SLURM_COMMANDS says how each cluster's own
# commands are reached, as in {"gjlab": "ssh login"} (an empty text: they are on this machine). Operators say it, not managers:
# whoever sets it decides what runs here.
USAGE_FOLDER = Path(folder).absolute() if (folder := env.str("USAGE_FOLDER", default="")) else None
SLURM_COMMANDS = slurm_commands(env.str("SLURM_COMMANDS", default=""))

# --- the tax service that says whether a company is in business: nobody is asked unless an operator sets both
BUSINESS_STATUS_URL = env.str("BUSINESS_STATUS_URL", default="")
BUSINESS_STATUS_KEY = env.str("BUSINESS_STATUS_KEY", default="")

# --- the virus scanner that looks at what companies put into their data rooms, as tcp://host:3310 or unix:///run/clamav/clamd.ctl
CAMP_CLAMD = env.str("CAMP_CLAMD", default="")

# --- mail
if email_url := env.str("EMAIL_URL", default=""):
    locals().update(env.email_url_config(email_url))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "outbox"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="no-reply@camp.example")

# --- where the camp's pages are for whoever holds a paper: its picture code leads there
PUBLIC_URL = (
    env.str("PUBLIC_URL", default="").rstrip("/") or f"http://127.0.0.1:{env.str('PORT', default='') or 8000}"
)

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["incubator.common.api_settings.ActingAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["incubator.common.api_settings.HasRole"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "incubator.common.api_settings.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "incubator.common.api_settings.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI Startup Camp",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "StageEnum": "incubator.common.enums.Stage",
        "RegionEnum": "incubator.common.enums.Region",
        "SectorEnum": "incubator.common.enums.Sector",
        "GrantRequestStateEnum": "tenants.compute.enums.RequestState",
    },
}

# --- what went wrong is said on the terminal, also where DEBUG is off
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

# --- walls of the browser
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# staticfiles.W004: commands run before `make run` has copied the third-party assets, and need none.
SILENCED_SYSTEM_CHECKS = ["models.W042", "staticfiles.W004"]

PGHISTORY_APPEND_ONLY = True
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# --- the managers' admin in the camp's colours
_PRIMARY = {
    "50": "#ecf2fe",
    "100": "#d8e5fd",
    "200": "#b1cefb",
    "300": "#86aff9",
    "400": "#4c87f6",
    "500": "#256ef4",
    "600": "#0b50d0",
    "700": "#083891",
    "800": "#052561",
    "900": "#03163a",
    "950": "#020f27",
}
UNFOLD = {
    "SITE_TITLE": _("Camp office"),
    "SITE_HEADER": _("Camp office"),
    "SITE_SYMBOL": "domain",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "incubator.reporting.dashboard.dashboard",
    "STYLES": ["incubator.navigation.admin_stylesheet"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "incubator.navigation.admin_favicon"}],
    "COLORS": {"primary": _PRIMARY},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "incubator.navigation.admin_sidebar",
    },
}
