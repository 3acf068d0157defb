from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class MatchState(TextChoices):
    """What a manager made of a proposed pair."""

    PROPOSED = "proposed", _("Proposed")
    INTRODUCED = "introduced", _("Introduced")
    DISMISSED = "dismissed", _("Dismissed")


class Side(TextChoices):
    """Who said it: one of the two parties, the camp office, or the machine that only proposes."""

    COMPANY = "company", _("Company")
    FIRM = "firm", _("Firm")
    OFFICE = "office", _("Camp office")
    MACHINE = "machine", _("Found by comparison")


class ConflictKind(TextChoices):
    ALREADY_INVESTED = "already_invested", _("The firm holds shares in the company")
    RIVAL = "rival", _("The firm holds shares in a rival")
    ADVISER_IS_MEMBER = "adviser_is_member", _("An adviser of the company belongs to the firm")
    FAMILY = "family", _("Family in the firm")
    PAST_EMPLOYER = "past_employer", _("A former employer or colleague")
    SAME_GROUP = "same_group", _("Both belong to one group")
    DECLINED = "declined", _("Declined until a day")
    MANUAL = "manual", _("Another reason")


class ConflictState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected")


class PreferenceLevel(TextChoices):
    """Neutral is what nobody said anything about."""

    MUST = "must", _("Must meet")
    MEET = "meet", _("Would like to meet")
    NEUTRAL = "neutral", _("No preference")
    NO = "no", _("Does not want to meet")


# What a company says about itself that needs nobody's word beside its own; of the rest the office decides.
OWN_WORD = (ConflictKind.FAMILY, ConflictKind.PAST_EMPLOYER, ConflictKind.DECLINED)
# What a company can declare.
DECLARABLE = (
    ConflictKind.DECLINED,
    ConflictKind.RIVAL,
    ConflictKind.FAMILY,
    ConflictKind.PAST_EMPLOYER,
    ConflictKind.SAME_GROUP,
    ConflictKind.ALREADY_INVESTED,
)
RANKED = (PreferenceLevel.MUST, PreferenceLevel.MEET)


class EditKind(TextChoices):
    """What a manager does to a draft."""

    ADD = "add", _("Add the pair")
    REMOVE = "remove", _("Take the pair out")
    LOCK = "lock", _("Lock the pair")
    RELEASE = "release", _("Leave the pair to the machine again")


class IntroductionState(TextChoices):
    ASKED = "asked", _("Waiting for the company's consent")
    CONSENTED = "consented", _("Company agreed")
    DECLINED = "declined", _("Company declined")
    SENT = "sent", _("Introduced to the firm")
    MET = "met", _("Met")
    CONTINUING = "continuing", _("Talks go on")
    TERM_SHEET = "term_sheet", _("Term sheet")
    PASSED = "passed", _("Firm passed")
    INVESTED = "invested", _("Invested")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Not answered in time")


class DisclosureItem(TextChoices):
    """What a company can open to one firm beyond its public profile."""

    CONTACT = "contact", _("Contact person and e-mail")
    REVENUE = "revenue", _("Yearly revenue")
    BUSINESS_NUMBER = "business_number", _("Business registration number")


class PassReason(TextChoices):
    """Why a firm passed, so that a hundred passes can be counted."""

    STAGE = "stage", _("Too early or too late")
    SECTOR = "sector", _("Not their sector")
    TICKET = "ticket", _("The amount does not fit")
    TEAM = "team", _("The team")
    TRACTION = "traction", _("Too little traction")
    TECHNOLOGY = "technology", _("The technology")
    TERMS = "terms", _("Valuation or terms")
    CONFLICT = "conflict", _("A conflict with another holding")
    NO_ANSWER = "no_answer", _("The firm did not answer")
    OTHER = "other", _("Another reason")


class Round(TextChoices):
    """The round in which money came."""

    SEED = "seed", _("Seed round")
    PRE_A = "pre_a", _("Pre-A round")
    SERIES_A = "series_a", _("Series A round")
    SERIES_B = "series_b", _("Series B round")
    LATER = "later", _("A later round")
    BRIDGE = "bridge", _("Bridge round")


class WaitsFor(TextChoices):
    """Whose turn it is."""

    COMPANY = "company", _("your answer")
    OFFICE = "office", _("the camp office")
    FIRM = "firm", _("the firm")
    BOTH = "both", _("you and the firm")
    NOBODY = "", _("nobody: it has ended")


_S = IntroductionState

# What may follow what, of an introduction that the company agreed to. One that has ended stays as it is.
FOLLOWS: dict[str, tuple[IntroductionState, ...]] = {
    _S.CONSENTED: (_S.SENT, _S.MET, _S.CONTINUING, _S.TERM_SHEET, _S.PASSED, _S.INVESTED),
    _S.SENT: (_S.MET, _S.CONTINUING, _S.TERM_SHEET, _S.PASSED, _S.INVESTED),
    _S.MET: (_S.CONTINUING, _S.TERM_SHEET, _S.PASSED, _S.INVESTED),
    _S.CONTINUING: (_S.TERM_SHEET, _S.PASSED, _S.INVESTED),
    _S.TERM_SHEET: (_S.PASSED, _S.INVESTED),
}
WAITS_FOR: dict[str, WaitsFor] = {
    _S.ASKED: WaitsFor.COMPANY,
    _S.CONSENTED: WaitsFor.OFFICE,
    _S.SENT: WaitsFor.FIRM,
    _S.MET: WaitsFor.FIRM,
    _S.CONTINUING: WaitsFor.BOTH,
    _S.TERM_SHEET: WaitsFor.BOTH,
}
