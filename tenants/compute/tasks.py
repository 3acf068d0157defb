"""What runs by itself. Each is safe to run twice and late."""

from datetime import date, timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incubator.common.tasks import MAILING


@shared_task
def import_usage_file(import_id: int) -> None:
    """Import the kept file of a waiting import. A second run finds it finished and does nothing."""
    from .services import finish_import

    finish_import(import_id=import_id, now=timezone.now())


@shared_task(name="compute.raise_alerts")
def raise_usage_alerts() -> None:
    """After each import and every hour: note what is nearly used, and have it mailed."""
    from .services import raise_alerts

    for company_id in raise_alerts(now=timezone.now()):
        _mail_later(company_id)


def _mail_later(company_id: int) -> None:
    transaction.on_commit(lambda: mail_usage_alerts.delay(company_id), robust=True)


@shared_task(name="compute.time_out_holds")
def time_out_holds() -> None:
    """Let go of holds whose time is over. A second run finds none."""
    from .services import expire_holds

    expire_holds(now=timezone.now())


@shared_task(name="compute.take_usage_folder")
def take_usage_folder() -> None:
    """Have each complete file of the watched folder imported, in a task of its own."""
    from .services import waiting_files

    if settings.USAGE_FOLDER is not None:
        for cluster, name in waiting_files(settings.USAGE_FOLDER, timezone.now()):
            take_usage_file.delay(cluster, name)


@shared_task(name="compute.take_usage_file")
def take_usage_file(cluster: str, name: str) -> None:
    """Import one file of the watched folder and move it away. A second run finds it gone."""
    from . import services

    if settings.USAGE_FOLDER is not None:
        services.take_usage_file(
            folder=settings.USAGE_FOLDER, cluster=cluster, name=name, actor=None, now=timezone.now()
        )


@shared_task(name="compute.fetch_usage")
def fetch_usage() -> None:
    """Have each cluster that can be asked asked for its usage, in a task of its own."""
    for name in settings.SLURM_COMMANDS:
        fetch_cluster_usage.delay(name)


@shared_task(name="compute.fetch_cluster_usage")
def fetch_cluster_usage(name: str) -> None:
    """Import what the cluster says of the last seven days."""
    from . import services
    from .cluster_commands import of_cluster
    from .models import Cluster

    cluster = Cluster.objects.filter(name=name).first()
    commands = of_cluster(name, settings.SLURM_COMMANDS)
    if cluster is not None and commands is not None:
        services.fetch_usage(cluster=cluster, commands=commands, actor=None, now=timezone.now())


@shared_task(name="compute.reconcile")
def reconcile() -> None:
    """Have each cluster that can be asked compared over the day that is over, in a task of its own."""
    yesterday = timezone.localdate() - timedelta(days=1)
    for name in settings.SLURM_COMMANDS:
        reconcile_cluster.delay(name, yesterday.isoformat())


@shared_task(name="compute.reconcile_cluster")
def reconcile_cluster(name: str, day: str) -> None:
    """Compare one cluster's records of a day with the scheduler's own total."""
    from . import services
    from .cluster_commands import of_cluster
    from .models import Cluster

    cluster = Cluster.objects.filter(name=name).first()
    commands = of_cluster(name, settings.SLURM_COMMANDS)
    if cluster is not None and commands is not None:
        services.reconcile_day(
            cluster=cluster, commands=commands, day=date.fromisoformat(day), actor=None, now=timezone.now()
        )


@shared_task(name="compute.follow_limits")
def follow_limits() -> None:
    """Have the limits follow on each cluster that wants it and can be reached, in a task of its own."""
    from .models import Cluster

    for cluster in Cluster.objects.filter(limits_enabled=True, name__in=list(settings.SLURM_COMMANDS)):
        sync_cluster_limits.delay(cluster.name)


@shared_task(name="compute.sync_cluster_limits")
def sync_cluster_limits(name: str) -> None:
    """Write the limits of one cluster."""
    from . import services
    from .cluster_commands import of_cluster
    from .models import Cluster

    cluster = Cluster.objects.filter(name=name, limits_enabled=True).first()
    commands = of_cluster(name, settings.SLURM_COMMANDS)
    if cluster is not None and commands is not None:
        services.sync_slurm(cluster=cluster, commands=commands, actor=None, now=timezone.now())


@shared_task(**MAILING)
def send_credit_mail(mail_id: int) -> bool:
    """Send one mail about credits. A second run finds it sent and does nothing."""
    from .services import send_mail

    return send_mail(mail_id=mail_id, now=timezone.now())


def alert_after_import() -> None:
    """Queue the alerts for when the import is committed. It stands if the queue is away: the next hour raises them."""
    transaction.on_commit(raise_usage_alerts.delay, robust=True)


@shared_task(**MAILING)
def mail_usage_alerts(company_id: int) -> int:
    """A mail server that is away is asked again for hours; what was mailed is not mailed again."""
    from .services import mail_alerts

    return mail_alerts(company_id=company_id, now=timezone.now())


@shared_task(name="compute.send_waiting_mails")
def send_waiting_mails() -> int:
    """Queue again what should have gone out an hour ago."""
    from . import services

    return services.send_waiting_mails(before=timezone.now() - timedelta(hours=1))


@shared_task(name="compute.warn_of_ends")
def warn_of_ends() -> int:
    """Warn of grants that end soon with credits left; each warning once, however often this runs."""
    from . import services

    return services.warn_of_ends(now=timezone.now())


@shared_task(name="compute.expire_lots")
def expire_lots() -> int:
    """Return what grants have left whose end is over, was warned of, and has settled. A second run finds nothing."""
    from . import services

    return len(services.expire_lots(actor=None, now=timezone.now()))


@shared_task(name="compute.review_lots")
def review_lots() -> int:
    """Compare use with the plans, announce claw-backs, and carry out those that the rules leave to this task."""
    from . import services

    return services.review_lots(now=timezone.now())
