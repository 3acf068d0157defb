from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportState(TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class KpiUnit(TextChoices):
    WON = "krw", _("won")
    PEOPLE = "people", pgettext_lazy("unit", "people")
    COUNT = "count", _("items")
