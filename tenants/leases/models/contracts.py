import pgtrigger
from django.conf import settings
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.leases.enums import SigningSide
from tenants.papers.models import Paper

from .leases import Lease

SHA256 = r"^[0-9a-f]{64}$"
_APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class ContractTemplate(models.Model):
    """One version of the camp's lease contract. Never edited: a change is a version of its own.

    `articles` is text with placeholders from a closed list (tenants.leases.wording); a line that begins with 제1조, 제2조 …
    (Article 1 …) is a heading. The Korean text is signed; the English one is for reading.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=120)
    articles = models.TextField(_("articles"), max_length=20_000, validators=[MaxLengthValidator(20_000)])
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    articles_en = models.TextField(
        _("English reading copy"), max_length=20_000, blank=True, validators=[MaxLengthValidator(20_000)]
    )
    starts_on = models.DateField(_("for contracts from this day on"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("contract template")
        verbose_name_plural = _("contract templates")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__gt=0) & ~models.Q(title="") & ~models.Q(articles=""),
                name="leases_template_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(title_en="", articles_en="")
                | ~(models.Q(title_en="") | models.Q(articles_en="")),
                name="leases_template_english_whole",
            ),
        ]
        triggers = [_APPEND_ONLY]

    def __str__(self) -> str:
        return gettext("%(title)s, version %(version)s") % {"title": self.title, "version": self.version}


class LeaseContract(models.Model):
    """What a company was given to sign: the words, the terms they stand for, and the PDF. It never changes.

    Of a lease's contracts the one with the highest number counts; those before it are superseded.
    """

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="contracts", verbose_name=_("lease"))
    number = models.PositiveSmallIntegerField(_("number"))
    template = models.ForeignKey(
        ContractTemplate, models.PROTECT, related_name="contracts", verbose_name=_("contract template")
    )
    terms = models.JSONField(_("terms"))
    content = models.JSONField(_("content"))
    paper = models.OneToOneField(
        Paper, models.PROTECT, related_name="lease_contract", verbose_name=_("document")
    )
    sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64, validators=[RegexValidator(SHA256)])
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("lease contract")
        verbose_name_plural = _("lease contracts")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="leases_contract_number_once"),
            # What the composite foreign key of LeaseSignature points at.
            models.UniqueConstraint(fields=["id", "sha256"], name="leases_contract_with_sha256"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=SHA256), name="leases_contract_sha256_form"
            ),
        ]
        triggers = [_APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.lease} · {self.number}"


class LeaseSignature(models.Model):
    """One side's signature under one contract: who, when, from where, and the document that lay before them.

    That `document_sha256` is the contract's own is a composite foreign key of the database.
    """

    contract = models.ForeignKey(
        LeaseContract, models.PROTECT, related_name="signatures", verbose_name=_("lease contract")
    )
    side = models.CharField(_("side"), max_length=8, choices=SigningSide.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    typed_name = models.CharField(_("name as typed"), max_length=80)
    consent = models.TextField(_("agreed to"), max_length=1000, blank=True)
    document_sha256 = models.CharField(
        _("SHA-256 of the PDF"), max_length=64, validators=[RegexValidator(SHA256)]
    )
    ip = models.GenericIPAddressField(_("address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=400, blank=True)
    at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="leases_one_signature_a_side"),
            models.CheckConstraint(
                condition=models.Q(side__in=SigningSide.values), name="leases_signature_side_known"
            ),
            models.CheckConstraint(condition=~models.Q(typed_name=""), name="leases_signature_has_name"),
        ]
        triggers = [_APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.typed_name}"
