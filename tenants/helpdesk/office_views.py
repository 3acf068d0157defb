from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incubator.common.uploads import stored_response

from . import selectors


@require_safe
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A photograph to a manager. Under /admin/, so staff's alone."""
    found = get_object_or_404(selectors.photos_for(request.user), pk=pk)
    return stored_response(
        found.image, name=f"request-{found.pk}.webp", content_type="image/webp", inline=True
    )
