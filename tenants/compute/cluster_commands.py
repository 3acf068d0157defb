"""Slurm's own commands, run here or over ssh: a prefix of words stands in front of each. Never through a local shell, and with
arguments that mean the same to a remote one. Knows no database."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from tenants.compute.errors import ClusterCommandFailed

# Seconds since 1970, UTC, readable names: whatever the machine at the other end is set to.
ENVIRON = ("SLURM_TIME_FORMAT=%s", "TZ=UTC", "LC_ALL=C.UTF-8")
SECONDS = 60
_SAFE = re.compile(r"[A-Za-z0-9_./:=,@%+-]+", re.ASCII)
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)

SACCT_FORMAT = (
    "JobID,JobIDRaw,Submit,DBIndex,Cluster,Account,User,Partition,QOS,State,Start,End,ElapsedRaw,Suspended,TimelimitRaw,"
    "AllocTRES"
)


def is_account_name(name: str) -> bool:
    """Letters, digits, dots, underscores and hyphens: what goes into a command, and nothing else does."""
    return _ACCOUNT.fullmatch(name) is not None


@dataclass(frozen=True)
class ClusterCommands:
    """The commands of one cluster. `prefix` is what brings a command there, such as `ssh login`; empty: this machine."""

    cluster: str
    prefix: tuple[str, ...] = ()

    def run(
        self, program: str, *arguments: str, seconds: int = SECONDS, into: IO[bytes] | None = None
    ) -> str:
        """The program's output, or "" when it goes `into` a file. Raises ClusterCommandFailed, also for what takes too long."""
        for argument in arguments:
            if _SAFE.fullmatch(argument) is None:
                raise ClusterCommandFailed(
                    cluster=self.cluster, program=program, said=f"unsafe: {argument!r}"
                )
        words = [*self.prefix, "env", *ENVIRON, program, *arguments]
        try:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=into or subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            said = f"no answer within {seconds} s"
            raise ClusterCommandFailed(cluster=self.cluster, program=program, said=said) from error
        except OSError as error:
            said = error.strerror or str(error)
            raise ClusterCommandFailed(cluster=self.cluster, program=program, said=said) from error
        if done.returncode != 0:
            said = _last_words(done.stderr) or _last_words(done.stdout or b"") or f"status {done.returncode}"
            raise ClusterCommandFailed(cluster=self.cluster, program=program, said=said)
        return "" if into is not None else done.stdout.decode("utf-8", "replace")

    def sacct(self, first: int, end: int, into: IO[bytes], *, seconds: int) -> None:
        """All attempts of jobs that were alive in the window (seconds since 1970), as import_usage reads them."""
        window = ("-S", f"uts{first}", "-E", f"uts{end}")
        self.run(
            "sacct", "-a", "-X", "-D", "-P", *window, f"--format={SACCT_FORMAT}", seconds=seconds, into=into
        )

    def sreport(self, first: datetime, end: datetime) -> str:
        """The scheduler's own totals of a window of whole hours, with the window in its heading."""
        window = (
            f"{name}={moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
            for name, moment in (("start", first), ("end", end))
        )
        return self.run(
            "sreport", "-P", "-t", "seconds", "-T", "all", "cluster", "AccountUtilizationByUser", *window
        )


def _last_words(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def of_cluster(cluster: str, prefixes: Mapping[str, Sequence[str]]) -> ClusterCommands | None:
    """The commands of a cluster, None where nobody said how to reach it."""
    prefix = prefixes.get(cluster)
    return None if prefix is None else ClusterCommands(cluster, tuple(prefix))
