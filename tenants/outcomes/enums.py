from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReportState(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class KpiUnit(TextChoices):
    WON = "krw", _("won")
    PEOPLE = "people", _("people")
    COUNT = "count", _("items")
