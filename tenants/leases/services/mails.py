"""What a company is told by mail."""

from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from incubator.common.models import CampSettings
from tenants.companies.models import Membership
from tenants.leases.models import EarlyEnd


def mail_early_end(*, ending_id: int) -> int:
    """Tell every member of the company, in their language, what the end of their lease is now. Returns the number of mails."""
    found: Any = EarlyEnd.objects.select_related("lease__company", "lease__space__building")
    ending = found.get(pk=ending_id)
    members = Membership.objects.filter(company=ending.lease.company, user__is_active=True)
    messages = []
    for membership in members.select_related("user").order_by("pk"):
        with translation.override(membership.user.language):
            context = {
                "ending": ending,
                "lease": ending.lease,
                "name": membership.user.name,
                "camp": CampSettings.current(),
            }
            subject = " ".join(render_to_string("emails/early_end_subject.txt", context).split())
            body = render_to_string("emails/early_end_body.txt", context)
            messages.append(EmailMessage(subject, body, to=[membership.user.email]))
    for message in messages:
        message.send()
    return len(messages)
