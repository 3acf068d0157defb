import email
import email.policy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incubator.common.errors import DomainError
from incubator.common.views import set_language

from .acting import choose, roles_of
from .enums import Kind
from .forms import AcceptInvitationForm
from .middleware import SESSION_KEY
from .selectors import address_known
from .services import accept_invitation, find_invitation, set_own_language

HOMES = {
    Kind.FOUNDER: "/portal/",
    Kind.STAFF: "/admin/",
    Kind.INVESTOR: "/invest/",
    Kind.ADVISER: "/advise/",
    Kind.REVIEWER: "/review/",
}


def home_of(acting: Any) -> str:
    return HOMES.get(acting.kind, "/")


@require_GET
@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Send each person to their place: the role they last acted in, else their first. No role: told so."""
    roles = roles_of(request.user)
    if not roles:
        return render(request, "accounts/no_role.html")
    return redirect(home_of(choose(roles, wanted=request.session.get(SESSION_KEY, ""))))


@require_POST
@login_required
def switch_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's own roles. A role that is not one's own does not exist."""
    wanted = request.POST.get("role", "")
    for role in roles_of(request.user):
        if role.value == wanted:
            request.session[SESSION_KEY] = wanted
            return redirect(home_of(role))
    raise Http404


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        found = find_invitation(token, now=now)
    except DomainError as error:
        return render(request, "accounts/invitation_closed.html", {"error": error}, status=error.status)
    user = request.user if request.user.is_authenticated else None
    form = AcceptInvitationForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and (user is not None or form.is_valid()):
        values = {} if user is not None else form.cleaned_data
        try:
            person = accept_invitation(secret=token, user=user, now=now, **values)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if user is None:
                login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
            return HttpResponseRedirect(reverse("start"))
    context = {
        "form": form,
        "invitation": found,
        "known": user is None and address_known(found.email),
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
    }
    return render(request, "accounts/invitation.html", context)


@require_POST
@login_not_required
def switch_language(request: HttpRequest) -> HttpResponse:
    """Show the pages in the chosen language, and write to this person in it from now on."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        set_own_language(user=request.user, language=chosen)
    return set_language(request)


def _moment_of(header: Any) -> datetime | None:
    """Django's mails say "-0000", which the parser takes for an unknown zone: it is UTC."""
    moment = header.datetime if header else None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


@require_GET
@never_cache
@login_not_required
def outbox(request: HttpRequest) -> HttpResponse:
    """The mails that had nowhere to go: on a local machine without EMAIL_URL only."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if settings.CAMP_ENV != "local" or not folder:
        raise Http404
    mails = []
    files = sorted(Path(folder).glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:50]
    for path in files:
        text = path.read_bytes().split(b"\n" + b"-" * 79 + b"\n")[0]
        message = email.message_from_bytes(text, policy=email.policy.default)
        body = message.get_body(("plain",))
        mails.append(
            {
                "to": message["to"],
                "subject": message["subject"],
                "date": _moment_of(message["date"]),
                "body": body.get_content() if body else "",
            }
        )
    return render(request, "accounts/outbox.html", {"mails": mails})
