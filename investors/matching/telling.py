"""What the matching knows of a firm, in sentences for the firm's page."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incubator.common.display import ratio
from investors.firms.enums import FirmKind
from investors.firms.models import Firm
from investors.firms.panels import Fact

from .answers import Answers, answers_of
from .scoring import YOUNG_SHARE, YoungShare
from .told import founded_by_name, residents_on, young_shares


def facts_about_firm(firm: Firm) -> Iterable[Fact]:
    yield Fact(_("Answers to introductions"), answers_in_words(answers_of([firm.pk]).get(firm.pk, Answers())))
    if firm.kind == FirmKind.AC:
        yield Fact(_("Companies up to three years old"), young_in_words(young_share_of(firm)))


def answers_in_words(found: Answers) -> str:
    if not found.made:
        return _("No introduction yet.")
    counts = _(
        "%(made)s introductions made, %(agreed)s agreed to by the company, %(reached)s reached the firm: %(met)s met,"
        " %(passed)s passed, %(invested)s invested, %(waiting)s without an answer."
    ) % {
        "made": found.made,
        "agreed": found.agreed,
        "reached": found.reached,
        "met": found.met,
        "passed": found.passed,
        "invested": found.invested,
        "waiting": found.waiting,
    }
    if found.days is None:
        return counts
    usual = ngettext(
        "It usually answers within %(count)s day.", "It usually answers within %(count)s days.", found.days
    )
    return f"{counts} {usual % {'count': found.days}}"


def young_share_of(firm: Firm) -> YoungShare:
    """The share of an accelerator, as a run of today counts it."""
    today = timezone.localdate()
    return young_shares(
        {firm.pk: firm.kind},
        firm.holdings.all(),
        founded_by_name(residents_on(today).only("name", "founded_on")),
        today,
    )[firm.pk]


def young_in_words(share: YoungShare) -> str:
    if not share.known:
        return _(
            "Of none of its companies is the age known: enter the days on which its holdings were founded."
        )
    return _(
        "%(young)s of %(known)s whose age is known (%(share)s); the law asks for %(least)s%% of what it invests."
    ) % {
        "young": share.young,
        "known": share.known,
        "share": ratio(Decimal(share.young) / share.known),
        "least": YOUNG_SHARE,
    }
