"""The founder's company: profile at a glance, editing it, colleagues, and who may see it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incubator.accounts import selectors as people
from incubator.accounts import services as invitations
from incubator.accounts.enums import Kind
from incubator.common.errors import DomainError

from . import rules, selectors, services
from .completeness import completeness_of
from .forms import InviteColleagueForm, ProfileForm
from .models import TEASER_LIMIT, Company, Teaser
from .pictures import picture_response


def _own_company(request: Any) -> Company:
    return get_object_or_404(selectors.companies_for(request.user), pk=request.acting.scope_id)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _home(request, InviteColleagueForm())


def _home(request: Any, form: InviteColleagueForm) -> HttpResponse:
    company = _own_company(request)
    now = timezone.now()
    open_invitations = people.invitations_for(request.user).filter(
        kind=Kind.FOUNDER,
        scope_id=company.pk,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now,
        sent_at__isnull=False,
    )
    context = {
        "company": company,
        "completeness": completeness_of(company),
        "residency": selectors.residencies_for(request.user).filter(company=company).first(),
        "members": selectors.members_for(request.user).filter(company=company),
        "invitations": open_invitations,
        "may_change_members": rules.may_change_members(request.user, company),
        "may_set_visibility": rules.may_set_visibility(request.user, company),
        "teaser": Teaser.objects.filter(company=company).first(),
        "teaser_limit": TEASER_LIMIT,
        "form": form,
    }
    return render(request, "tenants/companies/home.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    company = _own_company(request)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=company)
    if request.method == "POST" and form.is_valid() and _saved(request, company, form):
        messages.success(request, _("Your profile is saved."))
        return redirect("companies:home")
    return render(request, "tenants/companies/edit.html", {"company": company, "form": form})


def _saved(request: HttpRequest, company: Company, form: ProfileForm) -> bool:
    now = timezone.now()
    file = form.cleaned_data["picture_file"]
    try:
        with transaction.atomic():
            services.edit_profile(company=company, values=form.profile, actor=request.user, now=now)
            if file:
                services.set_picture(company=company, file=file, actor=request.user, now=now)
            elif form.cleaned_data.get("remove_picture"):
                services.remove_picture(company=company, actor=request.user, now=now)
    except DomainError as error:
        field = "picture_file" if error.field == "picture" else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return False
    return True


@require_POST
def visibility(request: HttpRequest) -> HttpResponse:
    company = _own_company(request)
    asked = request.POST.get("visible", "")
    said = {
        "yes": _("Investors can see your company now."),
        "teaser": _("Investors read your company without its name now."),
    }
    try:
        services.set_visibility(
            company=company,
            visible=asked in said,
            by_name={"yes": True, "teaser": False}.get(asked),
            teaser=request.POST.get("teaser", "") if asked == "teaser" else None,
            actor=request.user,
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said.get(asked, _("Investors cannot see your company any more.")))
    return redirect("companies:home")


@require_safe
def picture(request: HttpRequest) -> HttpResponseBase:
    return picture_response(_own_company(request))


@require_POST
def invite_colleague(request: HttpRequest) -> HttpResponse:
    company = _own_company(request)
    form = InviteColleagueForm(request.POST)
    if form.is_valid():
        try:
            invitations.invite(
                **form.cleaned_data,
                kind=Kind.FOUNDER,
                scope_id=company.pk,
                language=request.LANGUAGE_CODE[:2],
                actor=request.user,
                now=timezone.now(),
                base_url=request.build_absolute_uri("/"),
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("%(name)s is invited by e-mail.") % {"name": form.cleaned_data["name"]}
            )
            return redirect("companies:home")
    return _home(request, form)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(people.invitations_for(request.user), pk=pk)
    try:
        invitations.revoke_invitation(invitation=invitation, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is withdrawn. Its address does not work any more."))
    return redirect("companies:home")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(selectors.members_for(request.user).select_related("company"), pk=pk)
    try:
        services.remove_member(membership=member, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("%(name)s does not belong to the company any more.") % {"name": member.user.name}
        )
    return redirect("companies:home")
