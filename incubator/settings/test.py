"""The suite: real migrations and constraints, quick passwords, mail in memory, tasks run where they are sent."""

from .base import *  # noqa: F403
from .base import VAR

CAMP_ENV = "test"
DEBUG = False
SECRET_KEY = "tests-only-and-therefore-not-secret-0123456789abcdefghij"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    "local": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR / "test-media"
ALLOWED_HOSTS = ["*"]
PUBLIC_URL = "https://camp.example"
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
