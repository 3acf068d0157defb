"""A company's data room: folders, documents and their versions, who may open them, and what was looked at."""

from datetime import date
from typing import Any, ClassVar, Self
from uuid import uuid4

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from investors.firms.models import Firm
from investors.matching.models import DisclosureGrant
from tenants.companies.models import Company

from .enums import OPENABLE, AccessLevel, ScanState, ViewKind

NAME_LIMIT = 80
TITLE_LIMIT = 160
PDF = "application/pdf"


def stored_under(instance: Any, name: str) -> str:
    """Random from its beginning to its end: `name` is what checked_document made of the upload."""
    return f"dataroom/{uuid4().hex}/{name}"


@pghistory.track()
class Folder(TimestampedModel):
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="room_folders", verbose_name=_("company")
    )
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("folder of a data room")
        verbose_name_plural = _("folders of data rooms")
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="dataroom_folder_once"),
            models.UniqueConstraint(fields=["id", "company"], name="dataroom_folder_company"),
            models.CheckConstraint(condition=models.Q(name__regex=r"\S"), name="dataroom_folder_named"),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentQuerySet(models.QuerySet["Document"]):
    def open_to(self, firm_ids: Any, today: date) -> Self:
        """Those that these firms may open today: the one definition for the firm's pages and for the founder's preview."""
        live = DocumentAccess.objects.live(today).filter(
            firm_id__in=firm_ids, document_id=models.OuterRef("pk")
        )
        return self.filter(
            models.Exists(live),
            archived_at=None,
            company__visible_to_investors=True,
            current__scan_state__in=OPENABLE,
        )

    def for_firm(self) -> Self:
        """With folder, company and version, in one query, without what investors may not read."""
        return self.select_related("folder", "company", "current").defer(
            *(f"company__{name}" for name in Company.PRIVATE_FIELDS),
            *(f"current__{name}" for name in DocumentVersion.PRIVATE_FIELDS),
        )


@pghistory.track()
class Document(TimestampedModel):
    """A document under one title. `current` is the version that firms see: the newest that the scanner let pass."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="room_documents", verbose_name=_("company")
    )
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="documents", verbose_name=_("folder"))
    title = models.CharField(_("title"), max_length=TITLE_LIMIT)
    current = models.ForeignKey(
        "DocumentVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version that firms see"),
    )
    archived_at = models.DateTimeField(_("put away"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of a data room")
        verbose_name_plural = _("documents of data rooms")
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["id", "company"], name="dataroom_document_company"),
            models.CheckConstraint(condition=models.Q(title__regex=r"\S"), name="dataroom_document_titled"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="document_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="document_stays", fields=["company"]),
        ]

    def __str__(self) -> str:
        return self.title


_FIXED = [
    "company",
    "document",
    "number",
    "file",
    "name",
    "content_type",
    "sha256",
    "size",
    "pages",
    "uploaded_by",
    "uploaded_at",
]


class DocumentVersion(models.Model):
    """One file of a document, as it came. Nothing of it ever changes but what the scanner says.

    The database refuses investors the PRIVATE_FIELDS. `pages` is 0 for what is not shown page by page.
    """

    PRIVATE_FIELDS: ClassVar = ("name", "sha256", "size", "uploaded_by", "scan_note", "scanned_at")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="versions", verbose_name=_("document")
    )
    number = models.PositiveIntegerField(_("version"))
    file = models.FileField(_("file"), upload_to=stored_under, max_length=200)
    name = models.CharField(_("name of the file"), max_length=140)
    content_type = models.CharField(_("kind of file"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.PositiveSmallIntegerField(_("pages"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    scan_state = models.CharField(_("virus scan"), max_length=14, choices=ScanState.choices)
    scanned_at = models.DateTimeField(_("scanned"), null=True, blank=True)
    scan_note = models.CharField(_("what the scanner said"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="dataroom_version_once"),
            models.UniqueConstraint(fields=["id", "document"], name="dataroom_version_document"),
            models.CheckConstraint(
                condition=models.Q(scan_state__in=ScanState.values), name="dataroom_scan_known"
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, size__gte=1), name="dataroom_version_real"
            ),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=models.Q(scan_state__in=["waiting", "failed"]),
                name="dataroom_unscanned",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="version_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="version_stays", fields=_FIXED),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} v{self.number}"

    @property
    def is_pdf(self) -> bool:
        return self.content_type == PDF

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_shown(self) -> bool:
        """Whether it can be looked at page by page; anything else can only be handed over as it is."""
        return self.is_pdf or self.is_picture

    @property
    def is_openable(self) -> bool:
        return self.scan_state in OPENABLE


class DocumentAccessQuerySet(models.QuerySet["DocumentAccess"]):
    def live(self, today: date) -> Self:
        """Neither withdrawn nor over, under a consent that is neither."""
        return self.filter(
            models.Q(until=None) | models.Q(until__gte=today),
            withdrawn_at=None,
            disclosure__withdrawn_at=None,
            disclosure__since__lte=today,
            disclosure__until__gte=today,
            disclosure__company_id=models.F("company_id"),
            disclosure__firm_id=models.F("firm_id"),
        )


@pghistory.track()
class DocumentAccess(models.Model):
    """One firm may open one document, as long as the consent under which it was given lives, and `until` at most.

    A withdrawn consent closes it for good: a new consent opens nothing by itself. The database refuses investors the
    PRIVATE_FIELDS.
    """

    PRIVATE_FIELDS: ClassVar = ("given_by",)

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="accesses", verbose_name=_("document")
    )
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="+", verbose_name=_("firm"))
    disclosure = models.ForeignKey(
        DisclosureGrant, models.PROTECT, related_name="+", verbose_name=_("consent")
    )
    level = models.CharField(_("what is allowed"), max_length=8, choices=AccessLevel.choices)
    until = models.DateField(_("until"), null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = DocumentAccessQuerySet.as_manager()

    class Meta:
        verbose_name = _("access to a document")
        verbose_name_plural = _("accesses to documents")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "firm"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="dataroom_one_access",
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=AccessLevel.values), name="dataroom_level_known"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="access_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="access_stays",
                fields=[
                    "company",
                    "document",
                    "firm",
                    "disclosure",
                    "level",
                    "until",
                    "given_by",
                    "given_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} → {self.firm_id}"

    @property
    def may_download(self) -> bool:
        return self.level == AccessLevel.DOWNLOAD


class PageView(models.Model):
    """One observation of somebody at a page. The `seconds` of a `viewing` add up to how long it was looked at.

    `firm` is empty, and `reason` told, when the camp office opened the file. `page` is 0 for a whole file.
    """

    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="views", verbose_name=_("document"))
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("firm")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who")
    )
    reader = models.CharField(_("name then"), max_length=120)
    viewing = models.UUIDField(_("viewing"), default=uuid4)
    kind = models.CharField(_("what"), max_length=10, choices=ViewKind.choices)
    page = models.PositiveSmallIntegerField(_("page"), default=0)
    at = models.DateTimeField(_("when"))
    seconds = models.PositiveSmallIntegerField(_("seconds"), default=0)
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("look at a document")
        verbose_name_plural = _("looks at documents")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["viewing", "at"], name="dataroom_look_once"),
            models.CheckConstraint(condition=models.Q(kind__in=ViewKind.values), name="dataroom_look_known"),
            models.CheckConstraint(
                condition=models.Q(kind="office", firm__isnull=True, reason__regex=r"\S")
                | (~models.Q(kind="office") & models.Q(firm__isnull=False, reason="")),
                name="dataroom_office_gives_reason",
            ),
            # More than any one observation can be worth.
            models.CheckConstraint(condition=models.Q(seconds__lte=120), name="dataroom_look_capped"),
        ]
        indexes = [
            models.Index(fields=["document", "firm", "page"], name="dataroom_looks_at"),
            models.Index(fields=["user", "-at"], name="dataroom_looks_of"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.reader} {self.document_id}/{self.page}"
