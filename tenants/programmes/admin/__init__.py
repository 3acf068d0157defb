"""The camp office's programmes."""

from .programmes import ProgrammeAdmin
from .sign_ups import SignUpAdmin

__all__ = ["ProgrammeAdmin", "SignUpAdmin"]
