"""Every URL that the project answers."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView


def url_names() -> set[str]:
    """The full name of every pattern. Django's own nameless ones (the admin's old addresses and its catch-all) are left out;
    a nameless one of ours is an error."""
    return set(_names(get_resolver().url_patterns, ""))


def _names(patterns: list[URLPattern | URLResolver], namespace: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _names(pattern.url_patterns, inner)
        elif pattern.name is not None:
            yield f"{namespace}{pattern.name}"
        else:
            view = pattern.callback
            ours = not (
                getattr(view, "view_class", None) is RedirectView
                or getattr(view, "__name__", "") == "catch_all_view"
            )
            assert not ours, f"a URL of ours has no name: {pattern}"
