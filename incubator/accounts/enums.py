from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a person may act as. Each has a place of its own: portal, admin, investors', advisers' and reviewers' pages."""

    FOUNDER = "founder", _("Founder")
    STAFF = "staff", _("Programme manager")
    INVESTOR = "investor", _("Investor")
    ADVISER = "adviser", _("Adviser")
    REVIEWER = "reviewer", _("Reviewer")


class StaffGroup(TextChoices):
    """The groups of programme managers. A director does everything; an auditor reads all and writes nothing."""

    LEASES = "leases", _("Leases")
    CREDITS = "credits", _("Credits")
    CONSULTING = "consulting", _("Consulting")
    MATCHING = "matching", _("Matching")
    DIRECTOR = "director", _("Director")
    AUDITOR = "auditor", _("Auditor")


# The level of a founder whose company's stay is over: reads what there is, writes nothing.
ALUMNI = "alumni"
