"""Codes that several domains share. The labels are what people read and what spreadsheets carry."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sector(TextChoices):
    HEALTHCARE = "healthcare", _("Healthcare")
    MANUFACTURING = "manufacturing", _("Manufacturing")
    ROBOTICS = "robotics", _("Robotics")
    MOBILITY = "mobility", _("Autonomous driving")
    ENERGY = "energy", _("Energy")
    SECURITY = "security", _("Security")
    EDUCATION = "education", _("Education")
    CULTURE = "culture", _("Culture and content")
    AGRICULTURE = "agriculture", _("Agriculture")
    SEMICONDUCTOR = "semiconductor", _("Semiconductors")
    SPEECH_LANGUAGE = "speech_language", _("Speech and language")
    SAFETY = "safety", _("Safety")


class Stage(TextChoices):
    PRE = "pre", _("Pre-founding")
    SEED = "seed", _("Seed")
    PRE_A = "pre_a", _("Pre-A")
    SERIES_A = "series_a", _("Series A")
    SERIES_B = "series_b", _("Series B")


class Region(TextChoices):
    NATIONWIDE = "nationwide", _("Nationwide")
    GWANGJU_JEONNAM = "gwangju_jeonnam", _("Gwangju and Jeonnam")
    CAPITAL_AREA = "capital_area", _("Capital area")
    OTHER = "other", _("Other regions")
