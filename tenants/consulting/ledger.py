"""What every adviser said to a company, topic by topic and side by side. Knows no request and asks no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .models import Adviser, NextStep, SessionReport

# Of one adviser on one topic; what is older is folded away.
SHOWN = 5
MOST_REPORTS = 300


@dataclass
class Said:
    """One report among the others: whom it contradicts, and who contradicts it."""

    report: SessionReport
    against: list[SessionReport] = field(default_factory=list)


@dataclass
class Voice:
    """All that one adviser said on a topic, the newest first."""

    adviser: Adviser
    said: list[Said] = field(default_factory=list)

    @property
    def newest(self) -> list[Said]:
        return self.said[:SHOWN]

    @property
    def older(self) -> list[Said]:
        return self.said[SHOWN:]


@dataclass
class Topic:
    """A topic with its advisers, whoever spoke last first."""

    code: str
    label: Any
    voices: list[Voice] = field(default_factory=list)

    @property
    def disputed(self) -> bool:
        return any(said.against for voice in self.voices for said in voice.said)


@dataclass(frozen=True)
class Ledger:
    topics: Sequence[Topic]
    steps: Sequence[NextStep]
    reports: int
    advisers: int

    @property
    def disputed(self) -> list[Topic]:
        return [topic for topic in self.topics if topic.disputed]


def ledger_of(reports: Iterable[SessionReport]) -> Ledger:
    """Out of reports read `whole`, the newest first. Open steps come with the most pressing first."""
    found = list(reports)
    said = {report.pk: Said(report) for report in found}
    for report in found:
        other = said.get(report.differs_from_id)
        if other is not None:
            said[report.pk].against.append(other.report)
            other.against.append(report)
    topics: dict[str, Topic] = {}
    voices: dict[tuple[str, int], Voice] = {}
    for report in found:
        topic = topics.setdefault(report.field, Topic(report.field, report.field_in_words))
        key = (report.field, report.adviser_id)
        if key not in voices:
            voices[key] = Voice(report.adviser)
            topic.voices.append(voices[key])
        voices[key].said.append(said[report.pk])
    steps = []
    for report in found:
        for step in report.steps.all():
            if step.is_open:
                step.adviser = report.adviser
                steps.append(step)
    steps.sort(key=lambda step: (step.due_on is None, step.due_on or report.session_on, step.pk))
    return Ledger(list(topics.values()), steps, len(found), len({report.adviser_id for report in found}))
