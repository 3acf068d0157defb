import pgtrigger
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company

from .codes import shown_code
from .enums import PaperKind, PaperLanguage

SHA256 = r"^[0-9a-f]{64}$"
REVOCATION = ("revoked_at", "revoked_by", "revoke_reason")


class Paper(models.Model):
    """A paper as it was issued: never changed and never deleted, only withdrawn, and that once."""

    kind = models.CharField(_("kind"), max_length=12, choices=PaperKind.choices)
    company = models.ForeignKey(Company, models.PROTECT, related_name="papers", verbose_name=_("company"))
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=PaperLanguage.choices)
    code = models.CharField(_("verification code"), max_length=16, unique=True)
    template = models.CharField(_("template"), max_length=100)
    content = models.JSONField(_("content"), help_text=_("All that the template was given."))
    content_sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    file = models.FileField(_("PDF"), upload_to="papers/")
    pdf_sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued"))
    revoked_at = models.DateTimeField(_("withdrawn"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("withdrawn by")
    )
    revoke_reason = models.CharField(
        _("reason of the withdrawal"), max_length=400, blank=True, validators=[MaxLengthValidator(400)]
    )

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=PaperKind.values), name="papers_kind_known"),
            models.CheckConstraint(
                condition=models.Q(language__in=PaperLanguage.values), name="papers_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{16}$"), name="papers_code_form"
            ),
            models.CheckConstraint(
                condition=models.Q(pdf_sha256__regex=SHA256, content_sha256__regex=SHA256),
                name="papers_hashes_form",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True, revoke_reason="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoke_reason="")),
                name="papers_withdrawn_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | models.Q(revoked_at__gte=models.F("issued_at")),
                name="papers_withdrawn_after_issue",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="as_issued", exclude=list(REVOCATION)),
            pgtrigger.Protect(
                name="withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.code_shown}"

    @property
    def code_shown(self) -> str:
        return shown_code(self.code)

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None
