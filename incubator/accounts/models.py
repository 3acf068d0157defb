from datetime import datetime
from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel

from .acting import Acting
from .enums import Kind, StaffGroup


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator of the installation: a director who is also Django's superuser."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        StaffMembership.objects.create(user=user, group=StaffGroup.DIRECTOR)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from grants (memberships, firm members, advisers, staff groups)."""

    acting: Acting

    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("This address is taken.")}
    )
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(
        _("language"), max_length=2, choices=[("ko", "한국어"), ("en", "English")], default="ko"
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may sign in to the admin"), default=False)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


@pghistory.track()
class StaffMembership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="staff_memberships", verbose_name=_("person"))
    group = models.CharField(_("group"), max_length=12, choices=StaffGroup.choices)

    class Meta:
        verbose_name = _("staff group membership")
        verbose_name_plural = _("staff group memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], name="accounts_staff_once"),
            models.CheckConstraint(
                condition=models.Q(group__in=StaffGroup.values), name="accounts_staff_group_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_group_display()


@pghistory.track(exclude=["token_hash"])
class Invitation(TimestampedModel):
    """The only way in.

    `scope_id` is the company, firm or adviser, empty for staff; `level` that of the membership, or the staff group.
    `sent_at` is empty until a mail server has taken its address.
    """

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("invited as"), max_length=8, choices=Kind.choices)
    scope_id = models.BigIntegerField(_("company, firm or adviser"), null=True, blank=True)
    scope_label = models.CharField(_("of"), max_length=160, blank=True)
    level = models.CharField(_("level"), max_length=12, blank=True)
    language = models.CharField(_("language"), max_length=2, default="ko")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    sent_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="accounts_invitation_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.STAFF) | models.Q(scope_id__isnull=False),
                name="accounts_invitation_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="accounts_invitation_one_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_kind_display()})"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


class ApiToken(TimestampedModel):
    """A bearer token for machines: acts as its owner in one role. Only its SHA-256 is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("person"))
    name = models.CharField(_("what it is for"), max_length=80)
    role = models.CharField(_("acts as"), max_length=40)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list, blank=True)
    prefix = models.CharField(_("begins with"), max_length=8, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"
