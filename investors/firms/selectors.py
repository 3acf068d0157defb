"""What a person may see of firms, of what their contacts ask for, and of the list of technologies."""

from typing import Any

from django.db.models import QuerySet

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind

from .models import Firm, Holding, IgnoredWord, MandateProposal, Tag


def firms_for(user: Any) -> QuerySet[Firm]:
    """Staff see all firms, an investor their own. Founders meet firms through their matches, advisers not at all."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Firm.objects.all()
    return Firm.objects.filter(pk__in=acting.firm_ids)


def holdings_for(user: Any) -> QuerySet[Holding]:
    """Staff see what all firms hold, an investor what their own does."""
    acting = acting_of(user)
    if acting.kind == Kind.STAFF:
        return Holding.objects.select_related("firm")
    return Holding.objects.filter(firm_id__in=acting.firm_ids)


def proposals_for(user: Any) -> QuerySet[MandateProposal]:
    """What contacts asked to have changed: for staff alone."""
    if acting_of(user).kind == Kind.STAFF:
        return MandateProposal.objects.select_related("firm", "recorded_by", "decided_by")
    return MandateProposal.objects.none()


def tags_for(user: Any) -> QuerySet[Tag]:
    """The list of technologies: for staff alone."""
    return Tag.objects.all() if acting_of(user).kind == Kind.STAFF else Tag.objects.none()


def ignored_words_for(user: Any) -> QuerySet[IgnoredWord]:
    """Words that name no technology: for staff alone."""
    if acting_of(user).kind == Kind.STAFF:
        return IgnoredWord.objects.all()
    return IgnoredWord.objects.none()
