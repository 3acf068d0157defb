from datetime import datetime

from celery import shared_task


@shared_task
def mail_invitations(invitation_ids: list[int], base_url: str, asked_at: str) -> None:
    """Mail these invitations, each once for this request however often the task runs. Closed ones are left out."""
    from django.utils import timezone

    from .errors import InvitationClosed
    from .models import Invitation
    from .services import send_invitation

    since = datetime.fromisoformat(asked_at)
    for invitation in (
        Invitation.objects.filter(pk__in=invitation_ids).exclude(sent_at__gte=since).order_by("pk")
    ):
        try:
            send_invitation(invitation=invitation, actor=None, now=timezone.now(), base_url=base_url)
        except InvitationClosed:
            continue
