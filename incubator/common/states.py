"""How any state looks: one of five kinds, each a word with a mark, never a colour alone."""

from django.utils.translation import gettext_lazy

LABELS = {
    "waiting": gettext_lazy("Waiting"),
    "progress": gettext_lazy("In progress"),
    "done": gettext_lazy("Done"),
    "refused": gettext_lazy("Refused"),
    "attention": gettext_lazy("Attention"),
}
MARKS = {"waiting": "○", "progress": "◐", "done": "●", "refused": "✕", "attention": "▲"}

# fmt: off
_WORDS = {
    "waiting": (
        "draft", "offered", "open", "free", "pending", "requested", "submitted", "proposed", "admitted", "invited",
        "asked", "exempting", "assigned",
        "received", "waiting_company", "released", "queued", "not_configured",
        "planned",
    ),
    "progress": (
        "signed", "active", "booked", "running", "reviewing", "resident", "introduced", "consented", "scheduled",
        "sent", "agreed", "eligible",
        "in_progress", "screening", "review",
        "continuing", "term_sheet", "arranged",
        "ranking", "arrived",
    ),
    "done": (
        "ended", "completed", "attended", "held", "met", "approved", "accepted", "graduated", "granted", "invested", "taken",
        "closed", "imported", "published", "archived",
        "exempted", "carried",
        "solved", "confirmed", "decided", "waived", "clean",
    ),
    "refused": (
        "cancelled", "rejected", "declined", "dismissed", "terminated", "withdrawn", "revoked", "failed", "expired",
        "dropped", "passed", "left_early", "ineligible", "left", "over", "back",
        "lapsed", "stopped", "off",
        "called_off", "replaced",
    ),
    "attention": (
        "no_show", "overdue", "late", "debt", "suspense", "missed", "reopened", "conflict", "infected",
        "no_show_company", "no_show_firm",
    ),
}
# fmt: on
KINDS = {word: kind for kind, words in _WORDS.items() for word in (kind, *words)}


def state_kind(word: str) -> str:
    """The kind of a state, given a kind or a well-known enum value. Raises ValueError for an unknown word."""
    try:
        return KINDS[str(word)]
    except KeyError:
        raise ValueError(
            f"no kind is known for the state {word!r}: add it to incubator.common.states"
        ) from None


def state_text(word: str, label: str = "") -> str:
    """A state in plain text, for the admin's columns and for mails: ○ Waiting."""
    kind = state_kind(word)
    return f"{MARKS[kind]} {label or LABELS[kind]}"
