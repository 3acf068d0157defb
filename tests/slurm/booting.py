"""A real Slurm on this machine: munge, MariaDB, slurmdbd, slurmctld and two pretended nodes, all of it under one folder and
on ports of its own. Its jobs are sleeps, its GPUs empty files. Ends the processes that it started and no others."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CLUSTER = "gjlab"
# People of any Debian machine, whose jobs sleep.
SUBMITTERS = ("daemon", "games")
NEEDED = {
    "munged": "munge",
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "slurmdbd": "slurmdbd",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sacctmgr": "slurm-client",
}
BOOT_SECONDS = 60


def missing() -> str:
    """Why no Slurm can be booted here; empty when one can."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    absent = sorted(
        {package for program, package in NEEDED.items() if shutil.which(program, path=path) is None}
    )
    if absent:
        return f"packages are missing: {', '.join(absent)}"
    return "" if os.geteuid() == 0 else "only root can start a Slurm that runs other people's jobs"


class BootError(RuntimeError):
    """Something of the cluster did not come up; the message has the end of its log."""


class RealSlurm:
    """A cluster that runs: `prefix` in front of any Slurm command talks to it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []
        ports = _free_ports(5)
        self._mysql, self._dbd, self._ctld, self._cpu, self._gpu = ports

    @property
    def prefix(self) -> list[str]:
        return ["env", f"SLURM_CONF={self.base}/slurm.conf", "TZ=UTC", "LC_ALL=C.UTF-8"]

    def run(self, *command: str, user: str = "", check: bool = True) -> str:
        """The output of a command of this cluster, as root or another user."""
        words = [*self.prefix, *command]
        if user:
            words = ["runuser", "-u", user, "--", *words]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd="/tmp")
        if check and done.returncode != 0:
            raise BootError(f"{' '.join(command)}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout

    def submit(
        self, user: str, account: str, seconds: int, *, cpus: int = 1, gpus: int = 0, minutes: int = 1
    ) -> int:
        """A job that sleeps; its id."""
        where = ["--partition=gpu", f"--gres=gpu:h100:{gpus}"] if gpus else ["--partition=cpu"]
        words = [
            "sbatch", "--parsable", "--account", account, *where, f"--cpus-per-task={cpus}", f"--time={minutes}",
            "--mem-per-cpu=100", "--output=/dev/null", "--chdir=/tmp", "--wrap", f"sleep {seconds}",
        ]  # fmt: skip
        return int(self.run(*words, user=user).strip())

    def state_of(self, job: int) -> tuple[str, str]:
        """Its state and why it waits, from the controller's memory."""
        shown = self.run("scontrol", "-o", "show", "job", str(job))
        fields = dict(part.split("=", 1) for part in shown.split() if "=" in part)
        return fields["JobState"], fields["Reason"]

    def wait_for(self, job: int, *states: str, seconds: float = 30) -> str:
        """Wait until the job is in one of `states`; the state."""
        return wait_until(
            lambda: state if (state := self.state_of(job)[0]) in states else "",
            f"job {job} in {states}",
            seconds,
        )

    def start(self) -> None:
        for folder in ("state", "spool", "dev", "log", "run", "mysql"):
            (self.base / folder).mkdir()
        self._write_configuration()
        self._start_munge()
        self._start_database()
        self._spawn("slurmdbd", ["slurmdbd", "-D"])
        self._until_answers("slurmdbd", ["sacctmgr", "-n", "show", "cluster"])
        self.run("sacctmgr", "-i", "add", "cluster", CLUSTER)
        self._spawn("slurmctld", ["slurmctld", "-i", "-D"])
        self._until_answers("slurmctld", ["scontrol", "ping"])
        for node in ("cpu01", "gpu01"):
            self._spawn(f"slurmd-{node}", ["slurmd", "-N", node, "-D"])
        wait_until(
            lambda: self.run("sinfo", "-h", "-N", "-o", "%t").split() == ["idle", "idle"], "idle nodes"
        )

    def stop(self) -> None:
        """End the jobs, which would outlive their node, and then what was started, last first."""
        if any(name == "slurmctld" and process.poll() is None for name, process in self._started):
            for partition in ("cpu", "gpu"):
                self.run("scancel", f"--partition={partition}", check=False)
            with suppress(TimeoutError):
                wait_until(lambda: not self.run("squeue", "-h", check=False).strip(), "no job left", 15)
        for _name, process in reversed(self._started):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _spawn(self, name: str, command: list[str]) -> None:
        log = (self.base / "log" / f"{name}.out").open("wb")
        environ = {
            **os.environ,
            "SLURM_CONF": f"{self.base}/slurm.conf",
            "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
        }
        with log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ, cwd=self.base
            )
        self._started.append((name, process))

    def _until_answers(self, name: str, command: list[str]) -> None:
        process = dict(self._started)[name]

        def answers() -> bool:
            if process.poll() is not None:
                raise BootError(f"{name} ended: {self._log(name)}")
            done = subprocess.run([*self.prefix, *command], capture_output=True, timeout=30, check=False)
            return done.returncode == 0 and b"DOWN" not in done.stdout

        try:
            wait_until(answers, name, BOOT_SECONDS)
        except TimeoutError as error:
            raise BootError(f"{name} does not answer: {self._log(name)}") from error

    def _log(self, name: str) -> str:
        return (self.base / "log" / f"{name}.out").read_text(errors="replace")[-2000:]

    def _start_munge(self) -> None:
        folder = self.base / "munge"
        folder.mkdir()
        (folder / "munge.key").write_bytes(secrets.token_bytes(128))
        (folder / "munge.key").chmod(0o600)
        shutil.chown(folder, "munge", "munge")
        shutil.chown(folder / "munge.key", "munge", "munge")
        command = [
            "runuser", "-u", "munge", "--", "munged", "--foreground", "--num-threads=2", f"--socket={folder}/socket",
            f"--key-file={folder}/munge.key", f"--pid-file={folder}/munged.pid", f"--seed-file={folder}/munge.seed",
            f"--log-file={folder}/munged.log",
        ]  # fmt: skip
        self._spawn("munged", command)
        ask = ["munge", "-n", f"--socket={folder}/socket"]
        self._until_answers("munged", ask)

    def _start_database(self) -> None:
        data = self.base / "mysql"
        shutil.chown(data, "mysql", "mysql")
        made = subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                "--user=mysql",
                f"--datadir={data}",
                "--auth-root-authentication-method=socket",
                "--skip-test-db",
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if made.returncode != 0:
            raise BootError(f"mariadb-install-db: {made.stdout}{made.stderr}")
        sock = f"{data}/mysqld.sock"
        options = [
            "--no-defaults", "--user=mysql", f"--datadir={data}", f"--socket={sock}", "--bind-address=127.0.0.1",
            f"--port={self._mysql}", "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=64M",
            "--innodb-lock-wait-timeout=900", f"--pid-file={data}/mysqld.pid",
        ]  # fmt: skip
        self._spawn("mariadbd", ["mariadbd", *options])
        client = ["mariadb", "--no-defaults", "--user=root", f"--socket={sock}"]
        self._until_answers("mariadbd", [*client, "-e", "SELECT 1"])
        users = "".join(
            f"CREATE USER slurm@'{host}' IDENTIFIED BY 'slurm'; GRANT ALL ON slurm_acct_db.* TO slurm@'{host}';"
            for host in ("127.0.0.1", "localhost")
        )
        sql = f"CREATE DATABASE slurm_acct_db CHARACTER SET utf8mb4; {users}"
        subprocess.run([*client, "-e", sql], check=True, capture_output=True, timeout=30)

    def _write_configuration(self) -> None:
        base = self.base
        for number in range(8):
            (base / "dev" / f"gpu{number}").touch()
        auth = f"AuthType=auth/munge\nAuthInfo=socket={base}/munge/socket\n"
        slurmdbd = base / "slurmdbd.conf"
        slurmdbd.write_text(
            f"{auth}DbdHost=localhost\nDbdAddr=127.0.0.1\nDbdPort={self._dbd}\nSlurmUser=root\n"
            f"StorageType=accounting_storage/mysql\nStorageHost=127.0.0.1\nStoragePort={self._mysql}\n"
            "StorageUser=slurm\nStoragePass=slurm\nStorageLoc=slurm_acct_db\nCommitDelay=1\n"
            f"LogFile={base}/log/slurmdbd.log\nPidFile={base}/run/slurmdbd.pid\n"
        )
        slurmdbd.chmod(0o600)
        (base / "gres.conf").write_text(f"NodeName=gpu01 Name=gpu Type=h100 File={base}/dev/gpu[0-7]\n")
        (base / "slurm.conf").write_text(
            f"""ClusterName={CLUSTER}
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={self._ctld}
{auth}ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
MinJobAge=300
KillWait=2
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={self._dbd}
AccountingStoragePass={base}/munge/socket
AccountingStorageEnforce=associations,limits,qos,safe
AccountingStorageTRES=gres/gpu,gres/gpu:h100
JobAcctGatherType=jobacct_gather/linux
PriorityType=priority/multifactor
PriorityDecayHalfLife=0
PriorityUsageResetPeriod=NONE
PriorityCalcPeriod=1
StateSaveLocation={base}/state
SlurmdSpoolDir={base}/spool/%n
SlurmctldPidFile={base}/run/slurmctld.pid
SlurmdPidFile={base}/run/slurmd-%n.pid
SlurmctldLogFile={base}/log/slurmctld.log
SlurmdLogFile={base}/log/slurmd-%n.log
NodeName=cpu01 NodeHostname=localhost NodeAddr=127.0.0.1 Port={self._cpu} CPUs=32 Sockets=2 CoresPerSocket=16 \
ThreadsPerCore=1 RealMemory=128000
NodeName=gpu01 NodeHostname=localhost NodeAddr=127.0.0.1 Port={self._gpu} CPUs=64 Sockets=2 CoresPerSocket=32 \
ThreadsPerCore=1 RealMemory=512000 Gres=gpu:h100:8
PartitionName=cpu Nodes=cpu01 Default=YES DefMemPerCPU=2000 TRESBillingWeights="CPU=1.0,Mem=0.25G"
PartitionName=gpu Nodes=gpu01 DefMemPerCPU=4000 TRESBillingWeights="CPU=1.0,Mem=0.25G,GRES/gpu=16.0"
"""
        )


def wait_until(ask: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Ask again and again until the answer is true; the answer."""
    until = time.monotonic() + seconds
    while True:
        if answer := ask():
            return answer
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@contextmanager
def real_slurm(base: Path) -> Iterator[RealSlurm]:
    """A cluster under `base` (a folder that everybody may read), ended and not removed afterwards."""
    base.chmod(0o755)
    slurm = RealSlurm(base)
    try:
        slurm.start()
        yield slurm
    finally:
        slurm.stop()
