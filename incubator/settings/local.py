"""A developer's or a visitor's own machine: nothing has to be set."""

from .base import *  # noqa: F403
from .base import SECRET_KEY, env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = SECRET_KEY or "local-only-and-therefore-not-secret-0123456789abcdefghij"
