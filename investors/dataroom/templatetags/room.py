from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def spent(seconds: int | None) -> str:
    """How long something was looked at: 45초, 2분 5초, 1시간 3분."""
    if not seconds:
        return "–"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)s s") % {"seconds": rest}
