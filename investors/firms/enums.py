from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FirmKind(TextChoices):
    AC = "ac", _("Accelerator (AC)")
    VC = "vc", _("Venture capital (VC)")
    CVC = "cvc", _("Corporate venture capital (CVC)")


class FirmMemberLevel(TextChoices):
    LEAD = "lead", _("Lead contact")
    MEMBER = "member", _("Member")
