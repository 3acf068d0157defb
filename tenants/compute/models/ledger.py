from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from incubator.common.models import TimestampedModel
from tenants.companies.models import Company
from tenants.compute.enums import OVERDRAWN_KINDS, AccountKind, AllocationState, TransferKind
from tenants.compute.proof import GENESIS

from .catalogue import Cluster, Resource

# A trigger's condition sees depth 0 when a statement of a person or program changes the row, and more when the
# ledger's own trigger does.
BY_HAND = pgtrigger.Condition("pg_trigger_depth() = 0")

# Both accounts' chains grow with a transfer, and their balances with the chains: whoever inserts one cannot help it.
# The accounts are locked first, so that each link is forged onto the last one.
_MOVE_BALANCES = """
    PERFORM 1 FROM compute_creditaccount
    WHERE id IN (SELECT debit_id FROM posted UNION SELECT credit_id FROM posted) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM posted
        LEFT JOIN compute_creditaccount AS debit ON debit.id = posted.debit_id
        LEFT JOIN compute_creditaccount AS credit ON credit.id = posted.credit_id
        LEFT JOIN compute_usageposting AS posting ON posting.id = posted.usage_posting_id
        WHERE posted.usage_posting_id <> coalesce(posting.id, 0)
            OR debit.id IS NULL OR credit.id IS NULL OR debit.company_id <> credit.company_id
            OR posted.company_id IS DISTINCT FROM coalesce(debit.company_id, credit.company_id)
    ) THEN
        RAISE EXCEPTION 'a transfer moves between accounts of the company that it names, for usage that was posted'
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'compute_transfer_belongs';
    END IF;
    WITH side AS (
        SELECT debit_id AS account_id, id, -amount_gflop AS gflop, payload_hash FROM posted
        UNION ALL SELECT credit_id, id, amount_gflop, payload_hash FROM posted
    ), placed AS (
        SELECT side.*, account.code, account.company_id, account.head_hash,
            account.entries + row_number() OVER course AS seq,
            (account.balance_gflop + sum(side.gflop) OVER course)::bigint AS balance_gflop
        FROM side JOIN compute_creditaccount AS account ON account.id = side.account_id
        WINDOW course AS (PARTITION BY side.account_id ORDER BY side.id ROWS UNBOUNDED PRECEDING)
    ), linked AS (
        SELECT placed.*, camp_chain(head_hash, concat_ws('|', code, seq, gflop, balance_gflop, payload_hash))
            OVER (PARTITION BY account_id ORDER BY seq ROWS UNBOUNDED PRECEDING) AS hash
        FROM placed
    ), written AS (
        INSERT INTO compute_ledgerentry
            (account_id, company_id, seq, transfer_id, gflop, balance_gflop, previous_hash, hash)
        SELECT account_id, company_id, seq, id, gflop, balance_gflop,
            lag(hash, 1, head_hash) OVER (PARTITION BY account_id ORDER BY seq), hash
        FROM linked RETURNING account_id, seq, balance_gflop, hash
    )
    UPDATE compute_creditaccount AS account
    SET balance_gflop = last.balance_gflop, entries = last.seq, head_hash = last.hash
    FROM (SELECT DISTINCT ON (account_id) * FROM written ORDER BY account_id, seq DESC) AS last
    WHERE account.id = last.account_id;
    IF EXISTS (
        SELECT 1 FROM posted JOIN compute_creditaccount AS account ON account.id = posted.debit_id
        WHERE posted.kind NOT IN ('usage', 'correction') AND account.balance_gflop < account.held_gflop
            AND account.held_gflop > 0
    ) THEN
        RAISE EXCEPTION 'credits that are held cannot be moved'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'compute_account_keeps_held';
    END IF;
    INSERT INTO compute_usageday (account_id, company_id, day, gflop)
    SELECT account.id, account.company_id, side.day, sum(side.gflop) FROM (
        SELECT debit_id AS account_id, -amount_gflop AS gflop, (effective_at AT TIME ZONE 'Asia/Seoul')::date AS day FROM posted
        UNION ALL SELECT credit_id, amount_gflop, (effective_at AT TIME ZONE 'Asia/Seoul')::date FROM posted
    ) AS side
    JOIN compute_creditaccount AS account ON account.id = side.account_id AND account.kind = 'usage'
    GROUP BY account.id, account.company_id, side.day
    ON CONFLICT (account_id, day) DO UPDATE SET gflop = compute_usageday.gflop + EXCLUDED.gflop;
    RETURN NULL;
"""


class CreditAccount(models.Model):
    """One side of transfers. Its balance is changed by transfers alone, in the transaction that adds them.

    `resource` says what was used (kind USAGE), `cluster` and `cluster_account` whose usage nobody knows (SUSPENSE).
    """

    code = models.CharField(_("code"), max_length=400, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind.choices)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_accounts",
        verbose_name=_("company"),
    )
    resource = models.ForeignKey(
        Resource,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("resource"),
    )
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("cluster"),
    )
    cluster_account = models.CharField(_("account on the cluster"), max_length=255, blank=True)
    balance_gflop = models.BigIntegerField(_("balance"), default=0)
    held_gflop = models.BigIntegerField(_("held"), default=0, editable=False)
    may_overdraw = models.BooleanField(_("may go below zero"), default=False)
    entries = models.BigIntegerField(default=0, editable=False)
    head_hash = models.CharField(_("last link of the chain"), max_length=64, default=GENESIS, editable=False)
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)

    class Meta:
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(may_overdraw=True) | models.Q(balance_gflop__gte=0),
                name="compute_account_not_overdrawn",
            ),
            models.CheckConstraint(condition=models.Q(held_gflop__gte=0), name="compute_account_held"),
            models.CheckConstraint(
                condition=models.Q(may_overdraw=False) | models.Q(kind__in=OVERDRAWN_KINDS),
                name="compute_account_overdraw_kinds",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=AccountKind.values), name="compute_account_kind_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[AccountKind.LOT, AccountKind.DEBT])
                | models.Q(company__isnull=False),
                name="compute_account_has_company",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="account_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(name="balance_by_transfers", operation=pgtrigger.Update, condition=BY_HAND),
            pgtrigger.Protect(
                name="account_opens_empty",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition(
                    "NEW.balance_gflop <> 0 OR NEW.held_gflop <> 0 OR NEW.entries <> 0"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Transfer(models.Model):
    """A whole amount out of the `debit` account into the `credit` account. Never changed: a mistake is reversed.

    `effective_at` is when it counts (the end of the jobs), `recorded_at` when it was written. `usage_posting` are the
    jobs that usage and its correction belong to.
    """

    amount_gflop = models.BigIntegerField(_("amount"))
    # The trigger that moves the balances sees that accounts, company and posting are there, once a statement.
    debit = models.ForeignKey(
        CreditAccount,
        models.PROTECT,
        related_name="debits",
        db_constraint=False,
        verbose_name=_("from account"),
    )
    credit = models.ForeignKey(
        CreditAccount,
        models.PROTECT,
        related_name="credits",
        db_constraint=False,
        verbose_name=_("to account"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=TransferKind.choices)
    reason = models.CharField(_("reason"), max_length=400)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("done by"),
    )
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("company"),
    )
    usage_posting = models.ForeignKey(
        "compute.UsagePosting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
        db_constraint=False,
        verbose_name=_("posted usage"),
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    effective_at = models.DateTimeField(_("effective"))
    recorded_at = models.DateTimeField(_("recorded"))
    idempotency_key = models.CharField(_("key"), max_length=400)
    payload_hash = models.CharField(_("SHA-256 of the content"), max_length=64)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="compute_transfer_key_once"),
            models.CheckConstraint(
                condition=models.Q(amount_gflop__gt=0), name="compute_transfer_amount_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="compute_transfer_two_accounts"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="compute_transfer_reason_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=TransferKind.values), name="compute_transfer_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=TransferKind.REVERSAL, reverses__isnull=False)
                | (~models.Q(kind=TransferKind.REVERSAL) & models.Q(reverses__isnull=True)),
                name="compute_transfer_reversal_names_it",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[TransferKind.USAGE, TransferKind.CORRECTION], usage_posting__isnull=False
                )
                | (
                    ~models.Q(kind__in=[TransferKind.USAGE, TransferKind.CORRECTION])
                    & models.Q(usage_posting__isnull=True)
                ),
                name="compute_transfer_usage_names_it",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="move_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="posted"),
                func=_MOVE_BALANCES,
            ),
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class UsageDay(models.Model):
    """What one USAGE account took in on one day in Seoul, kept by the ledger's own trigger: so a chart of a month
    reads thirty rows, however many jobs there were."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="+", db_index=False)
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="+", db_index=False)
    day = models.DateField()
    gflop = models.BigIntegerField()

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage by day")
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="compute_usage_day_once")]
        indexes = [models.Index(fields=["company", "day"], name="compute_usage_company_day")]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="kept_by_ledger",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition=BY_HAND,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


@pghistory.track()
class Pool(TimestampedModel):
    """What the camp may give away in a period. Grants come out of its account and never exceed it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    period = DateRangeField(_("period"))
    capacity_gflop = models.BigIntegerField(_("capacity"))
    account = models.OneToOneField(
        CreditAccount, models.PROTECT, related_name="pool", verbose_name=_("account")
    )

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        ordering = ["-period", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(capacity_gflop__gt=0), name="compute_pool_capacity_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False
                ),
                name="compute_pool_has_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Allocation(TimestampedModel):
    """A grant: a lot of credits of one company, for a period and some resources (none named: all of them)."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="allocations", verbose_name=_("company")
    )
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="allocations", verbose_name=_("pool"))
    programme = models.CharField(_("programme"), max_length=120)
    account = models.OneToOneField(
        CreditAccount, models.PROTECT, related_name="allocation", verbose_name=_("account")
    )
    amount_gflop = models.BigIntegerField(_("granted"))
    # What went back to the pool: by claw-backs, at the end, or by a reversal of the grant.
    taken_back_gflop = models.BigIntegerField(_("taken back"), default=0, editable=False)
    # What came from the company's other grants, less what went to them.
    moved_gflop = models.BigIntegerField(_("moved from other grants"), default=0, editable=False)
    resources = ArrayField(
        models.CharField(max_length=80), verbose_name=_("resources"), default=list, blank=True
    )
    period = DateRangeField(_("period"))
    own_share_percent = models.PositiveSmallIntegerField(
        _("own share, %"), default=0, validators=[MaxValueValidator(100)]
    )
    reason = models.CharField(_("reason"), max_length=400)
    state = models.CharField(
        _("state"), max_length=8, choices=AllocationState.choices, default=AllocationState.ACTIVE
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
    )
    granted_at = models.DateTimeField(_("granted at"))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["-granted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_gflop__gt=0), name="compute_grant_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back_gflop__gte=0)
                & models.Q(taken_back_gflop__lte=models.F("amount_gflop") + models.F("moved_gflop")),
                name="compute_grant_taken_back",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__regex=r"\S"), name="compute_grant_reason_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(own_share_percent__lte=100), name="compute_grant_share_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=AllocationState.values), name="compute_grant_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    period__isempty=False, period__startswith__isnull=False, period__endswith__isnull=False
                ),
                name="compute_grant_has_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.programme}"

    @property
    def net_gflop(self) -> int:
        """What the company was given and kept in this grant."""
        return self.amount_gflop - self.taken_back_gflop + self.moved_gflop
