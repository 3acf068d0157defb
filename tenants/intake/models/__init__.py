"""A call and its questions, what applicants send, and how it is reviewed and decided."""

from .applications import (
    AccessLink,
    Answer,
    Applicant,
    Application,
    ApplicationFile,
    Consent,
    Step,
    TeamMember,
)
from .calls import Call, CallFile, Criterion, Question
from .decisions import Acceptance, Letter
from .reviews import Conflict, Review, Reviewer, Score

__all__ = [
    "Acceptance",
    "AccessLink",
    "Answer",
    "Applicant",
    "Application",
    "ApplicationFile",
    "Call",
    "CallFile",
    "Conflict",
    "Consent",
    "Criterion",
    "Letter",
    "Question",
    "Review",
    "Reviewer",
    "Score",
    "Step",
    "TeamMember",
]
