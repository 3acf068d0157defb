from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PaperKind(TextChoices):
    CONTRACT = "contract", _("Lease contract")
    RESIDENCY = "residency", _("Certificate of residency")
    SUPPORT = "support", _("Statement of support")
    GRADUATION = "graduation", _("Certificate of graduation")
    PROGRAMME = "programme", _("Certificate of completion")


class PaperLanguage(TextChoices):
    KOREAN = "ko", "한국어"
    ENGLISH = "en", "English"
