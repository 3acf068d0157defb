from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FirmKind(TextChoices):
    AC = "ac", _("Accelerator (AC)")
    VC = "vc", _("Venture capital (VC)")
    CVC = "cvc", _("Corporate venture capital (CVC)")
    ANGEL = "angel", _("Angel")


class FirmMemberLevel(TextChoices):
    LEAD = "lead", _("Lead contact")
    MEMBER = "member", _("Member")


class RoundRole(TextChoices):
    """Whether a firm leads a round or joins one that another leads."""

    LEAD = "lead", _("Leads")
    FOLLOW = "follow", _("Follows")
    EITHER = "either", _("Leads or follows")


class ProposalState(TextChoices):
    OPEN = "open", _("Waiting")
    TAKEN = "taken", _("Taken over")
    DECLINED = "declined", _("Not taken over")


class TagLanguage(TextChoices):
    KO = "ko", _("Korean")
    EN = "en", _("English")
