"""The words for what runs are kept with: components, conflicts, causes. Reasons as people read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incubator.common.display import day, korean
from incubator.common.enums import Region, Sector, Stage

from .money import in_words, range_in_words

FULL = 10_000
_SHOWN = 1_000  # people read three decimals

COMPONENTS: Mapping[str, Any] = {
    "sector": gettext_lazy("Sector"),
    "stage": gettext_lazy("Stage"),
    "ticket": gettext_lazy("Amount"),
    "age": gettext_lazy("Company age"),
    "region": gettext_lazy("Region"),
    "technology": gettext_lazy("Technology"),
    "quota": gettext_lazy("Young companies"),
    "traction": gettext_lazy("Growth"),
    "prose": gettext_lazy("Own words"),
}
CONFLICTS: Mapping[str, Any] = {
    "already_invested": gettext_lazy("The firm holds shares in this company"),
    "holds_rival": gettext_lazy("The firm holds shares in a confirmed rival"),
    "adviser_is_member": gettext_lazy("An adviser of the company belongs to the firm"),
}
CAUSES: Mapping[str, Any] = {
    "no_eligible_firm": gettext_lazy("it has every firm that it may have"),
    "firms_full": gettext_lazy("the other firms that it may have are full"),
}


@dataclass(frozen=True)
class Reason:
    """One component of a match. `points` of all reasons add up to the score that is shown.

    `share` (0 to 1) is how well it fits, `weight` (0 to 1) how much it counts among what is known.
    """

    label: Any
    points: Decimal
    share: Decimal
    note: str
    weight: Decimal


def shown_score(score: int) -> Decimal:
    """A score of 1/10,000 as people read it: 0.674."""
    return Decimal((score * _SHOWN + FULL // 2) // FULL) / _SHOWN


def reasons_of(score: int, components: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """The stored components of a match, in words. The points shown add up to `shown_score(score)` exactly."""
    parts = list(components)
    shown = _apportioned([part["contribution"] for part in parts], int(shown_score(score) * _SHOWN))
    return [
        Reason(
            label=COMPONENTS.get(part["key"], part["key"]),
            points=Decimal(points) / _SHOWN,
            share=Decimal(part["value"]) / FULL,
            note=_note(part),
            weight=Decimal(part["weight"]) / FULL,
        )
        for part, points in zip(parts, shown, strict=True)
    ]


def missing_labels(keys: Iterable[str]) -> list[Any]:
    return [COMPONENTS.get(key, key) for key in keys]


def _apportioned(contributions: list[int], total: int) -> list[int]:
    """Each contribution at three decimals, by largest remainder, so that they add up to `total`."""
    whole = sum(contributions)
    if not whole:
        return [0] * len(contributions)
    parts = [value * total // whole for value in contributions]
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(contributions[at] * total % whole), at))
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def _listed(codes: str, enum: Any) -> str:
    return ", ".join(str(enum(code).label) for code in codes.split(",") if code)


def _note(part: Mapping[str, Any]) -> str:
    if part["key"] == "technology":
        return _technology(part)
    writer = _NOTES.get(part["key"])
    return writer(part["company_fact"], part["firm_fact"], part["value"]) if writer else ""


def _sector(ours: str, theirs: str, value: int) -> str:
    wanted = set(theirs.split(","))
    common = ",".join(code for code in ours.split(",") if code in wanted)
    others = ",".join(code for code in ours.split(",") if code not in wanted)
    if value == FULL:
        return _("The firm looks for %(sectors)s.") % {"sectors": _listed(ours, Sector)}
    if not value:
        return _("The firm does not look for %(sectors)s.") % {"sectors": _listed(ours, Sector)}
    return _("The firm looks for %(common)s, but not for %(others)s.") % {
        "common": _listed(common, Sector),
        "others": _listed(others, Sector),
    }


def _stage(ours: str, theirs: str, value: int) -> str:
    names = {"stage": _listed(ours, Stage), "stages": _listed(theirs, Stage)}
    if value == FULL:
        return _("The firm invests at this stage: %(stage)s.") % names
    return _("The company is at %(stage)s; the firm invests at %(stages)s.") % names


def _ticket(ours: str, theirs: str, value: int) -> str:
    least, _dots, most = theirs.partition("..")
    amounts = {
        "ask": in_words(int(ours)),
        "ticket": range_in_words(int(least) if least else None, int(most) if most else None),
    }
    if value == FULL:
        return _("A ticket of %(ask)s lies within the terms of %(ticket)s.") % amounts
    return _("A ticket of %(ask)s lies outside the terms of %(ticket)s.") % amounts


def _age(ours: str, theirs: str, value: int) -> str:
    facts = {"day": day(date.fromisoformat(ours)), "years": theirs}
    if value == FULL:
        return _("Founded %(day)s, within the firm's limit of %(years)s years.") % facts
    return _("Founded %(day)s, older than the firm's limit of %(years)s years.") % facts


def _region(ours: str, theirs: str, value: int) -> str:
    names = {"region": _listed(ours, Region), "regions": _listed(theirs, Region)}
    if value == FULL:
        return _("The firm invests in this region: %(regions)s.") % names
    return _("The company is in %(region)s; the firm invests in %(regions)s.") % names


def _technology(part: Mapping[str, Any]) -> str:
    """Names were kept with the reason, so that an old one reads as it did whatever the list says today."""
    at = 1 if korean() else 2
    names = {label[0]: str(label[at]) for label in part.get("labels", ())}
    ours, wanted = (
        [code for code in part[fact].split(",") if code] for fact in ("company_fact", "firm_fact")
    )
    common = [code for code in ours if code in wanted]

    def listed(codes: Iterable[str]) -> str:
        return ", ".join(names.get(code, code) for code in codes)

    if common and part["value"] == FULL:
        return _("Both name %(tags)s.") % {"tags": listed(common)}
    if common:
        return _("Both name %(tags)s; of the company's %(ours)s and the firm's %(wanted)s not all meet.") % {
            "tags": listed(common),
            "ours": listed(ours),
            "wanted": listed(wanted),
        }
    if part["value"]:
        return _("The company's %(ours)s is akin to what the firm looks for: %(wanted)s.") % {
            "ours": listed(ours),
            "wanted": listed(wanted),
        }
    return _("The company works on %(ours)s; the firm looks for %(wanted)s.") % {
        "ours": listed(ours),
        "wanted": listed(wanted),
    }


def _quota(ours: str, theirs: str, value: int) -> str:
    young, _slash, known = theirs.partition("/")
    facts = {"day": day(date.fromisoformat(ours)), "young": young, "known": known}
    if value == FULL and known == "0":
        sentence = _(
            "Founded %(day)s: it may count for the 40%% that an accelerator puts into companies up to three years old."
        )
    elif value == FULL:
        sentence = _(
            "Founded %(day)s. Of the accelerator's companies, %(young)s of %(known)s were up to three years old, and it must"
            " reach 40%%."
        )
    else:
        sentence = _(
            "Founded %(day)s, more than three years ago. Of the accelerator's companies, %(young)s of %(known)s were younger,"
            " and it must reach 40%%."
        )
    return sentence % facts


def _traction(ours: str, theirs: str, value: int) -> str:
    employees, fewer, _equal, others = map(int, ours.split(","))
    return ngettext(
        "%(count)s employee: more than %(fewer)s of the %(others)s other companies at its stage.",
        "%(count)s employees: more than %(fewer)s of the %(others)s other companies at its stage.",
        employees,
    ) % {"count": employees, "fewer": fewer, "others": others}


def _prose(ours: str, theirs: str, value: int) -> str:
    return _("The profile and the firm's own words share: %(words)s.") % {"words": ours.replace(",", ", ")}


_NOTES = {
    "sector": _sector,
    "stage": _stage,
    "ticket": _ticket,
    "age": _age,
    "region": _region,
    "quota": _quota,
    "traction": _traction,
    "prose": _prose,
}
