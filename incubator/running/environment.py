"""Where this copy of the project keeps what it makes, and which settings it runs under.

`VAR` and `CAMP_ENV` are needed before Django's settings exist (they decide which settings, and whether a
database has to be started first), so these two are read here and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("local", "test", "production")


class UnknownEnvironment(ValueError):
    """`CAMP_ENV` names none of `local`, `test` and `production`."""


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The absolute folder of all that this copy writes; a relative `VAR` counts from the project's root."""
    return (PROJECT / (environ.get("VAR") or "var")).absolute()


def camp_environment(environ: Mapping[str, str] = os.environ) -> str:
    """`local`, `test` or `production`.

    :raises UnknownEnvironment: on any other word, so that a typing error never falls back to the unsafe one.
    """
    name = environ.get("CAMP_ENV") or "local"
    if name not in ENVIRONMENTS:
        raise UnknownEnvironment(f"CAMP_ENV is {name!r}; it may be {', '.join(ENVIRONMENTS)}")
    return name


def choose_settings() -> None:
    """Point Django at the settings of `CAMP_ENV`, unless DJANGO_SETTINGS_MODULE is set already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"incubator.settings.{camp_environment()}")
