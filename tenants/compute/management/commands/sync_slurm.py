"""The limits of every account of a cluster, by sacctmgr."""

import shlex
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.errors import UnknownCluster
from tenants.compute.models import Cluster
from tenants.compute.services import sync_slurm

REJECTED = 1
WRONG_USAGE = 2


class Command(BaseCommand):
    help = (
        "Write for each company's account on a cluster: limit = what the scheduler has counted + what the company may still"
        " use, in minutes of each resource. Says again what stands there already, changes nothing twice, and warns of what"
        " keeps limits from holding. Exit status: 0 when all limits stand, 1 when the cluster is unknown, does not answer,"
        " or a limit could not be written, 2 on wrong usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cluster", required=True, metavar="NAME", help="the cluster's name")
        parser.add_argument("--dry-run", action="store_true", help="only print the difference")
        parser.add_argument(
            "--prefix",
            metavar="WORDS",
            help="what brings a command to the cluster, such as 'ssh login' (without it: SLURM_COMMANDS, or this machine)",
        )
        parser.add_argument(
            "--cancel-running",
            metavar="ACCOUNT",
            action="append",
            default=[],
            help="also cancel the running jobs of an account that has nothing left; may come more than once",
        )

    def handle(
        self,
        *args: Any,
        cluster: str,
        dry_run: bool,
        prefix: str | None,
        cancel_running: list[str],
        **options: Any,
    ) -> None:
        try:
            words = settings.SLURM_COMMANDS.get(cluster, []) if prefix is None else shlex.split(prefix)
        except ValueError as error:
            raise CommandError(f"--prefix: {error}", returncode=WRONG_USAGE) from error
        try:
            with acting_as_system():
                found = Cluster.objects.filter(name=cluster).first()
                if found is None:
                    raise UnknownCluster(name=cluster)
                sync = sync_slurm(
                    cluster=found,
                    commands=ClusterCommands(cluster, tuple(words)),
                    actor=None,
                    now=timezone.now(),
                    dry_run=dry_run,
                    cancel_running=cancel_running,
                )
                lines = list(sync.lines.all())
        except DomainError as error:
            raise CommandError(f"{cluster}: {error}", returncode=REJECTED) from error
        for warning in sync.warning_texts:
            self.stderr.write(f"warning: {warning}")
        for line in lines:
            for warning in line.warning_texts:
                self.stderr.write(f"warning: {line.account}: {warning}")
            if line.difference:
                self.stdout.write(f"{line.account}: {line.difference} ({line.outcome})")
        for account in sync.cancelled:
            self.stdout.write(f"{account}: running jobs cancelled")
        told = "would change" if dry_run else "changed"
        self.stdout.write(f"accounts {sync.accounts}, {told} {sync.changed}")
        if sync.failure:
            raise CommandError(sync.failure, returncode=REJECTED)
