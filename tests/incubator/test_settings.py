"""Production refuses to start on a missing or unsafe value, and names it."""

import os
import subprocess
import sys

import pytest

from incubator.running.environment import PROJECT

SAFE = {
    "CAMP_ENV": "production",
    "SECRET_KEY": "k8!vQ2z#Lw9@Xc4$Rt7^Yb1&Nm5*Hj3(Gf6)Ds0_Pa+Uo=Ei-Zx",
    "DATABASE_URL": "postgres://camp:secret@db.camp.example:5432/camp",
    "ALLOWED_HOSTS": "camp.example",
    "EMAIL_URL": "smtp://mail.camp.example:25",
}


def started(tmp_path, **changes: str) -> subprocess.CompletedProcess:
    """Import the settings in a process of their own; an empty change takes the variable away."""
    names = {**SAFE, "VAR": str(tmp_path), "PATH": os.environ["PATH"], **changes}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import incubator.settings.production as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE)",
        ],
        cwd=PROJECT,
        env={name: value for name, value in names.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_on_safe_values(tmp_path):
    result = started(tmp_path)
    assert (result.returncode, result.stdout) == (0, "False True\n"), result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("DATABASE_URL", ""),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "camp.example,*"),
        ("EMAIL_URL", ""),
        ("DEBUG", "1"),
    ],
)
def test_production_names_what_is_missing_or_unsafe(tmp_path, variable, value):
    result = started(tmp_path, **{variable: value})
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {variable}: ")
