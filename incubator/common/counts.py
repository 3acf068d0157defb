"""How many of what, in a sentence: Korean counts companies, people and meetings with different words."""

from django.utils.translation import npgettext_lazy

from incubator.common.display import number

ALL = {
    "company": npgettext_lazy("count", "%(total)s company", "%(total)s companies", "n"),
    "lease": npgettext_lazy("count", "%(total)s lease", "%(total)s leases", "n"),
    "space": npgettext_lazy("count", "%(total)s space", "%(total)s spaces", "n"),
    "adviser": npgettext_lazy("count", "%(total)s adviser", "%(total)s advisers", "n"),
    "firm": npgettext_lazy("count", "%(total)s firm", "%(total)s firms", "n"),
    "match": npgettext_lazy("count", "%(total)s match", "%(total)s matches", "n"),
    "introduction": npgettext_lazy("count", "%(total)s introduction", "%(total)s introductions", "n"),
    "session": npgettext_lazy("count", "%(total)s session", "%(total)s sessions", "n"),
    "booking": npgettext_lazy("count", "%(total)s booking", "%(total)s bookings", "n"),
    "slot": npgettext_lazy("count", "%(total)s slot", "%(total)s slots", "n"),
    "transfer": npgettext_lazy("count", "%(total)s transfer", "%(total)s transfers", "n"),
    "record": npgettext_lazy("count", "%(total)s record", "%(total)s records", "n"),
    "report": npgettext_lazy("count", "%(total)s report", "%(total)s reports", "n"),
    "paper": npgettext_lazy("count", "%(total)s paper", "%(total)s papers", "n"),
    "person": npgettext_lazy("count", "%(total)s person", "%(total)s people", "n"),
    "event": npgettext_lazy("count", "%(total)s event", "%(total)s events", "n"),
    "item": npgettext_lazy("count", "%(total)s item", "%(total)s items", "n"),
}
SOME = {
    "company": npgettext_lazy(
        "count", "%(shown)s of %(total)s company", "%(shown)s of %(total)s companies", "n"
    ),
    "lease": npgettext_lazy("count", "%(shown)s of %(total)s lease", "%(shown)s of %(total)s leases", "n"),
    "space": npgettext_lazy("count", "%(shown)s of %(total)s space", "%(shown)s of %(total)s spaces", "n"),
    "adviser": npgettext_lazy(
        "count", "%(shown)s of %(total)s adviser", "%(shown)s of %(total)s advisers", "n"
    ),
    "firm": npgettext_lazy("count", "%(shown)s of %(total)s firm", "%(shown)s of %(total)s firms", "n"),
    "match": npgettext_lazy("count", "%(shown)s of %(total)s match", "%(shown)s of %(total)s matches", "n"),
    "introduction": npgettext_lazy(
        "count", "%(shown)s of %(total)s introduction", "%(shown)s of %(total)s introductions", "n"
    ),
    "session": npgettext_lazy(
        "count", "%(shown)s of %(total)s session", "%(shown)s of %(total)s sessions", "n"
    ),
    "booking": npgettext_lazy(
        "count", "%(shown)s of %(total)s booking", "%(shown)s of %(total)s bookings", "n"
    ),
    "slot": npgettext_lazy("count", "%(shown)s of %(total)s slot", "%(shown)s of %(total)s slots", "n"),
    "transfer": npgettext_lazy(
        "count", "%(shown)s of %(total)s transfer", "%(shown)s of %(total)s transfers", "n"
    ),
    "record": npgettext_lazy("count", "%(shown)s of %(total)s record", "%(shown)s of %(total)s records", "n"),
    "report": npgettext_lazy("count", "%(shown)s of %(total)s report", "%(shown)s of %(total)s reports", "n"),
    "paper": npgettext_lazy("count", "%(shown)s of %(total)s paper", "%(shown)s of %(total)s papers", "n"),
    "person": npgettext_lazy("count", "%(shown)s of %(total)s person", "%(shown)s of %(total)s people", "n"),
    "event": npgettext_lazy("count", "%(shown)s of %(total)s event", "%(shown)s of %(total)s events", "n"),
    "item": npgettext_lazy("count", "%(shown)s of %(total)s item", "%(shown)s of %(total)s items", "n"),
}


def counted(noun: str, shown: int, total: int) -> str:
    """73개 기업 중 12개; when all are shown, their number alone. Raises KeyError for an unknown noun."""
    sentence = (ALL if shown == total else SOME)[noun]
    return sentence % {"n": total, "shown": number(shown), "total": number(total)}
