"""What a person may see of handovers."""

from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind
from tenants.leases.enums import CheckState, HandoverState
from tenants.leases.models import ChecklistItem, Handover, HandoverItem, HandoverPicture


def handovers_for(user: Any) -> QuerySet[Handover]:
    """Staff see all handovers, founders those of their company; each with its lease and space."""
    found = Handover.objects.select_related("lease__space__building", "lease__company")
    acting = acting_of(user)
    return found if acting.kind == Kind.STAFF else found.filter(company_id__in=acting.company_ids)


def handover_items_for(user: Any) -> QuerySet[HandoverItem]:
    found = HandoverItem.objects.select_related("handover")
    acting = acting_of(user)
    return found if acting.kind == Kind.STAFF else found.filter(handover__company_id__in=acting.company_ids)


def handover_pictures_for(user: Any) -> QuerySet[HandoverPicture]:
    found = HandoverPicture.objects.all()
    acting = acting_of(user)
    return (
        found
        if acting.kind == Kind.STAFF
        else found.filter(item__handover__company_id__in=acting.company_ids)
    )


def checklist_for(user: Any) -> QuerySet[ChecklistItem]:
    """The list that new handovers begin with: the managers' own."""
    found = ChecklistItem.objects.all()
    return found if acting_of(user).kind == Kind.STAFF else found.none()


def with_progress(handovers: QuerySet[Handover]) -> QuerySet[Handover]:
    """Each with `open_items` (required ones still to do) and `all_items`."""
    waiting = Q(items__state=CheckState.OPEN, items__required=True)
    return handovers.annotate(open_items=Count("items", filter=waiting), all_items=Count("items"))


def with_items(user: Any, handovers: QuerySet[Handover]) -> QuerySet[Handover]:
    """Each with its items in their order, and their photographs."""
    items = (
        handover_items_for(user)
        .order_by("position")
        .prefetch_related(
            Prefetch("pictures", queryset=handover_pictures_for(user).order_by("added_at", "pk"))
        )
    )
    return handovers.prefetch_related(Prefetch("items", queryset=items))


def shown_to_founder(user: Any) -> list[Handover]:
    """The company's handovers with all that is in them, open ones first; those called off are left out."""
    found = with_items(user, handovers_for(user).exclude(state=HandoverState.CANCELLED)).order_by(
        "-state", "-opened_at"
    )
    return list(found[:10])
