from celery import shared_task
from django.db import transaction
from django.urls import reverse

from incubator.common.tasks import MAILING

from .models import Introduction


@shared_task(**MAILING)
def mail_introduction(introduction_id: int, url: str) -> int:
    """Tell the company's owners what waits for them; a mail server that is away is asked again for hours."""
    from .services import send_introduction_mail

    return send_introduction_mail(introduction_id=introduction_id, url=url)


def announce(introduction: Introduction, base_url: str) -> None:
    """Queue the mail once the introduction is committed. It stands if the queue is away: it waits on the owners' page."""
    url = base_url.rstrip("/") + reverse("matching:home") if base_url else ""
    transaction.on_commit(lambda: mail_introduction.delay(introduction.pk, url), robust=True)
