from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import selectors


@require_safe
@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "front.html", {"figures": selectors.front_figures()})
