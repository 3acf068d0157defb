from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from incubator.common.display import moment, pfh
from incubator.common.templatetags.camp import pfh_unit
from tenants.compute import selectors, services
from tenants.compute.enums import AccountKind
from tenants.compute.models import CreditAccount, Transfer

from .asking import CreditsReadOnlyAdmin
from .forms import AskReasonForm, AssignForm

LATEST = 20


class AccountFilter(admin.SimpleListFilter):
    """The transfers of one account, by its id in the address."""

    title = gettext_lazy("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name, "")
        if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 19):
            return []
        found = selectors.accounts_for(request.user).filter(pk=chosen)
        return [(str(account.pk), account.code) for account in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.lookup_choices:
            return queryset
        account_id = self.lookup_choices[0][0]
        return queryset.filter(debit_id=account_id) | queryset.filter(credit_id=account_id)


@admin.register(CreditAccount)
class CreditAccountAdmin(CreditsReadOnlyAdmin):
    list_display = ["code", "kind", "company", "balance"]
    list_filter = ["kind"]
    list_select_related = ["company"]
    search_fields = ["code", "company__name"]
    actions_detail = ["assign"]
    fields = ["code", "kind", "company", "balance", "exact", "opened_at", "latest_transfers"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.accounts_for(request.user)

    def has_assign_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Only usage of an unknown account is anybody's to assign."""
        if not self._writes(request) or object_id is None:
            return False
        account = self.get_object(request, str(object_id))
        return account is not None and account.kind == AccountKind.SUSPENSE

    @action(
        description=gettext_lazy("Assign to a company"),
        url_path="assign",
        permissions=["assign"],
        icon="person_add",
    )
    def assign(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        account = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            services.assign_account(
                cluster=account.cluster,
                account=account.cluster_account,
                company=data["company"],
                reason=data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
            said = _("The usage of %(account)s is %(company)s's now.") % {
                "account": account.cluster_account,
                "company": data["company"],
            }
            return said, self.list_address

        return self.ask(
            request,
            form=AssignForm(request.POST or None),
            title=_("Assign %(account)s to a company") % {"account": account.cluster_account},
            explanation=_(
                "%(amount)s PF·h wait here. They will be charged to the company's grants, and so will all later usage of"
                " this account."
            )
            % {"amount": pfh(-account.balance_gflop)},
            button=_("Assign the account"),
            back=self.address_of(account),
            act=act,
        )

    @display(description=gettext_lazy("balance"), ordering="balance_gflop")
    def balance(self, obj: CreditAccount) -> SafeString:
        return pfh_unit(obj.balance_gflop)

    @display(description=gettext_lazy("exact amount"))
    def exact(self, obj: CreditAccount) -> str:
        return f"{obj.balance_gflop:,} GFLOP"

    @display(description=gettext_lazy("latest transfers"))
    def latest_transfers(self, obj: CreditAccount) -> SafeString:
        moved = Transfer.objects.filter(debit=obj) | Transfer.objects.filter(credit=obj)
        rows = format_html_join(
            "",
            "<li>{} · {} · {}{} PF·h · {}</li>",
            (
                (
                    moment(transfer.effective_at),
                    transfer.get_kind_display(),
                    "+" if transfer.credit_id == obj.pk else "−",
                    pfh(transfer.amount_gflop),
                    transfer.reason,
                )
                for transfer in moved.order_by("-pk")[:LATEST]
            ),
        )
        address = reverse(f"{self.admin_site.name}:compute_transfer_changelist")
        return format_html(
            '<ul>{}</ul><a class="text-primary-600 underline dark:text-primary-500" href="{}?account={}">{}</a>',
            rows,
            address,
            obj.pk,
            _("All transfers of this account"),
        )


@admin.register(Transfer)
class TransferAdmin(CreditsReadOnlyAdmin):
    list_display = ["effective_at", "kind", "company", "amount", "debit", "credit", "reason"]
    list_filter = ["kind", AccountFilter]
    list_select_related = ["company", "debit", "credit"]
    search_fields = ["company__name", "reason", "idempotency_key"]
    ordering = ["-pk"]
    actions_detail = ["reverse"]
    fields = [
        "kind",
        "amount",
        "exact",
        "debit",
        "credit",
        "company",
        "reason",
        "actor",
        "effective_at",
        "recorded_at",
        "usage_posting",
        "reverses",
        "idempotency_key",
        "payload_hash",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.transfers_for(request.user)

    @action(
        description=gettext_lazy("Reverse this transfer"),
        url_path="reverse",
        permissions=["manage"],
        icon="undo",
    )
    def reverse(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        transfer = self.found(request, object_id)

        def act(data: dict[str, Any]) -> tuple[str, str]:
            reversal = services.reverse_transfer(
                transfer=transfer, reason=data["reason"], actor=request.user, now=timezone.now()
            )
            return _("The transfer was reversed."), self.address_of(reversal)

        return self.ask(
            request,
            form=AskReasonForm(request.POST or None),
            title=_("Reverse this transfer"),
            explanation=_(
                "A second transfer takes %(amount)s PF·h back from %(credit)s to %(debit)s. Both stay for ever, and neither"
                " can be reversed again."
            )
            % {"amount": pfh(transfer.amount_gflop), "credit": transfer.credit, "debit": transfer.debit},
            button=_("Reverse the transfer"),
            back=self.address_of(transfer),
            act=act,
        )

    @display(description=gettext_lazy("amount"), ordering="amount_gflop")
    def amount(self, obj: Transfer) -> SafeString:
        return pfh_unit(obj.amount_gflop)

    @display(description=gettext_lazy("exact amount"))
    def exact(self, obj: Transfer) -> str:
        return f"{obj.amount_gflop:,} GFLOP"
