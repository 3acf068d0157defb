"""Usage that comes in by itself: files that somebody lays into a folder, and what a cluster answers when it is asked."""

import stat
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from incubator.common.errors import DomainError
from tenants.compute.cluster_commands import ClusterCommands
from tenants.compute.enums import ImportSource, ImportState
from tenants.compute.models import Cluster, UsageImport
from tenants.compute.text_lines import Hashed

from .imports import import_usage
from .ledger import demand_manager

# What wrote a file is known by its name's end.
SOURCES = {".txt": ImportSource.SLURM, ".csv": ImportSource.SERVERS}
UNFINISHED = (".part", ".tmp", ".filepart", ".swp")
SETTLED = timedelta(minutes=1)
DONE, FAILED = "done", "failed"

# Rows come late and change afterwards: each question reaches this far back.
WINDOW = timedelta(days=7)
SACCT_SECONDS = 300


def waiting_files(folder: Path, now: datetime) -> list[tuple[str, str]]:
    """Cluster and name of each complete file in `folder`/<cluster>/, by name: an ordinary file of a known kind that
    nobody has written to for a minute."""
    clusters = set(Cluster.objects.values_list("name", flat=True))
    return [
        (path.parent.name, path.name)
        for path in sorted(folder.glob("*/*"))
        if path.parent.name in clusters and not path.parent.is_symlink() and _is_complete(path, now)
    ]


def _is_complete(path: Path, now: datetime) -> bool:
    hidden = path.name.startswith((".", "~"))
    if hidden or path.name.lower().endswith(UNFINISHED) or _source_of(path) is None:
        return False
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and now.timestamp() - status.st_mtime >= SETTLED.total_seconds()


def _source_of(path: Path) -> str | None:
    return SOURCES.get(path.suffix.lower())


@transaction.atomic
def take_usage_file(
    *, folder: Path, cluster: str, name: str, actor: Any, now: datetime
) -> UsageImport | None:
    """Import one file of the watched folder and, once that is written, move it to `done/`, or to `failed/` beside an
    import that says why. Nothing is ever deleted. None when the file is gone, or is being written to again.

    Raises NotAllowed.
    """
    demand_manager(actor)
    path = folder / cluster / name
    if path.name != name or not _is_complete(path, now):
        return None
    before = path.lstat()
    with path.open("rb") as source:
        made = _imported(source, cluster, name, actor, now, str(_source_of(path)))
    after = path.lstat()
    if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
        place = FAILED if made.state == ImportState.FAILED else DONE
        transaction.on_commit(partial(_move, path, path.parent / place, now))
    return made


@transaction.atomic
def fetch_usage(*, cluster: Cluster, commands: ClusterCommands, actor: Any, now: datetime) -> UsageImport:
    """Ask a cluster for the usage of the last seven days and import it. What goes wrong is a failed import that says why.

    Raises NotAllowed.
    """
    demand_manager(actor)
    name = f"sacct {cluster.name}"
    with tempfile.TemporaryFile() as answer:
        first, end = int((now - WINDOW).timestamp()), int(now.timestamp())
        try:
            commands.sacct(first, end, answer, seconds=SACCT_SECONDS)
        except DomainError as refusal:
            return _failed(cluster.name, name, "", refusal, actor, now)
        answer.seek(0)
        return _imported(answer, cluster.name, name, actor, now)


def _imported(
    source: IO[bytes], cluster: str, name: str, actor: Any, now: datetime, kind: str = ImportSource.SLURM
) -> UsageImport:
    try:
        with transaction.atomic():
            return import_usage(source, cluster=cluster, actor=actor, now=now, file_name=name, kind=kind)
    except DomainError as refusal:
        source.seek(0)
        sha256 = Hashed(source).hexdigest()
        return _failed(cluster, name, sha256, refusal, actor, now, kind)


def _failed(
    cluster: str,
    name: str,
    sha256: str,
    refusal: DomainError,
    actor: Any,
    now: datetime,
    kind: str = ImportSource.SLURM,
) -> UsageImport:
    return UsageImport.objects.create(
        cluster=Cluster.objects.get(name=cluster),
        source=kind,
        file_name=name[-200:],
        sha256=sha256,
        state=ImportState.FAILED,
        failure=str(refusal)[:400],
        actor=actor if getattr(actor, "pk", None) else None,
        started_at=now,
        finished_at=now,
    )


def _move(path: Path, place: Path, now: datetime) -> None:
    """Under a name that was never there. A file that somebody took away meanwhile has been imported all the same."""
    place.mkdir(exist_ok=True)
    stamp = f"{now:%Y%m%dT%H%M%S}"
    names = (f"{stamp}{f'-{number}' if number else ''}-{path.name}" for number in range(10_000))
    target = next(place / name for name in names if not (place / name).exists())
    with suppress(FileNotFoundError):
        path.rename(target)
