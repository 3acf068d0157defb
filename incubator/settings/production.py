"""Refuses to start on a missing or unsafe value, and names it."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, SECRET_KEY, env

DEBUG = False


def _demand(met: bool, variable: str, why: str) -> None:
    if not met:
        raise ImproperlyConfigured(f"{variable}: {why}")


_demand(
    len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 10, "SECRET_KEY", "set at least 50 random characters."
)
_demand(
    bool(env.str("DATABASE_URL", default="")), "DATABASE_URL", "set the address of a PostgreSQL 15 or newer."
)
_demand(
    bool(env.str("ALLOWED_HOSTS", default="")) and "*" not in ALLOWED_HOSTS,
    "ALLOWED_HOSTS",
    "name the hosts, without *.",
)
_demand(bool(env.str("EMAIL_URL", default="")), "EMAIL_URL", "set the mail server; nothing may vanish.")
_demand(not env.bool("DEBUG", default=False), "DEBUG", "must not be on.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/") or f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
