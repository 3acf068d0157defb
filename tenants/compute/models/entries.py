from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.companies.models import Company
from tenants.compute.enums import HoldOutcome

from .ledger import BY_HAND, CreditAccount, Transfer


class LedgerEntry(models.Model):
    """One side of a transfer as a link in its account's chain: place, amount, balance after it, and the link's hash
    (see `proof`). Written by the database with the transfer, and by nobody else."""

    # The database wrote both a moment before: a foreign key would only look again.
    account = models.ForeignKey(
        CreditAccount, models.PROTECT, related_name="chain", db_index=False, db_constraint=False
    )
    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="entries", db_constraint=False)
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    gflop = models.BigIntegerField()
    balance_gflop = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["account_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="compute_entry_place_once"),
            models.CheckConstraint(condition=models.Q(seq__gt=0), name="compute_entry_place_positive"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="entry_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Protect(name="entry_by_transfers", operation=pgtrigger.Insert, condition=BY_HAND),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} #{self.seq}"


class CreditHold(models.Model):
    """Credits of a grant kept aside until a time: nobody moves them elsewhere meanwhile. Resolved once.

    Usage that has happened is paid for all the same; a hold keeps credits from people, not from facts.
    """

    key = models.CharField(_("key"), max_length=200, unique=True)
    account = models.ForeignKey(
        CreditAccount, models.PROTECT, related_name="holds", verbose_name=_("account")
    )
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", verbose_name=_("company"))
    amount_gflop = models.BigIntegerField(_("held"))
    reason = models.CharField(_("reason"), max_length=400)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )
    placed_at = models.DateTimeField(_("since"))
    expires_at = models.DateTimeField(_("until"))
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=HoldOutcome.choices, default=HoldOutcome.OPEN
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_gflop__gt=0), name="compute_credithold_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("placed_at")), name="compute_credithold_ends_later"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=HoldOutcome.values), name="compute_credithold_outcome_known"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=HoldOutcome.OPEN, resolved_at__isnull=True)
                | (~models.Q(outcome=HoldOutcome.OPEN) & models.Q(resolved_at__isnull=False)),
                name="compute_credithold_resolved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=models.Q(outcome="open"), name="compute_credithold_open"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="credithold_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="credithold_resolves_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.outcome <> 'open' OR to_jsonb(OLD) - 'outcome' - 'resolved_at'"
                    " IS DISTINCT FROM to_jsonb(NEW) - 'outcome' - 'resolved_at'"
                ),
            ),
            pgtrigger.Trigger(
                name="credithold_within_balance",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    UPDATE compute_creditaccount SET held_gflop = held_gflop + NEW.amount_gflop
                    WHERE id = NEW.account_id AND kind = 'lot' AND company_id = NEW.company_id
                        AND balance_gflop >= held_gflop + NEW.amount_gflop;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'the account does not hold this many credits'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'compute_credithold_within_balance';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="credithold_gives_back",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                func="""
                    UPDATE compute_creditaccount SET held_gflop = held_gflop - NEW.amount_gflop
                    WHERE id = NEW.account_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.key
