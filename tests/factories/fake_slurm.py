"""Programs that answer like Slurm's, out of a file, for tests that cannot have a real cluster (tests/slurm has one)."""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

CONFIG = {
    "ClusterName": "camp",
    "AccountingStorageEnforce": "associations,limits,qos,safe",
    "PriorityDecayHalfLife": "00:00:00",
    "PriorityUsageResetPeriod": "NONE",
    "PriorityType": "priority/multifactor",
}
PROGRAM = f"""#!{sys.executable}
import json, sys
from pathlib import Path

file = Path(__file__).with_name("state.json")
state = json.loads(file.read_text())
program, words = Path(sys.argv[0]).name, sys.argv[1:]
state["asked"].append([program, *words])
file.write_text(json.dumps(state))
if program in state["broken"]:
    sys.exit(program + ": Unable to contact slurm controller")
accounts = state["accounts"]
shown = lambda minutes: ",".join(f"{{name}}={{value}}" for name, value in minutes.items())
if program == "scontrol":
    print("Configuration data as of 2026-11-22T12:00:00")
    for name, value in state["config"].items():
        print(f"{{name:24}}= {{value}}")
elif program == "sshare":
    for name, account in accounts.items():
        print(f" {{name}}||{{shown(account['counted'])}}")
        print(f"  {{name}}|minji|{{shown(account['counted'])}}")
elif "tres" in words:
    print("\\n".join(state["tres"]))
elif "assoc" in words:
    for name, account in accounts.items():
        submit = "" if account["submit"] is None else account["submit"]
        print(f"{{name}}||root|{{shown(account['limit'])}}|{{submit}}")
        print(f"{{name}}|minji|||")
elif "modify" in words:
    values = dict(word.split("=", 1) for word in words if "=" in word)
    if values["name"] not in accounts:
        print(" Nothing modified")
        sys.exit(1)
    account = accounts[values["name"]]
    for part in values["GrpTRESMins"].split(","):
        name, minutes = part.split("=")
        account["limit"][name] = int(minutes)
    if "GrpSubmitJobs" in values:
        account["submit"] = None if values["GrpSubmitJobs"] == "-1" else int(values["GrpSubmitJobs"])
    file.write_text(json.dumps(state))
"""


class FakeSlurm:
    """`prefix` reaches it. Its state may be read and set between commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state: dict[str, Any] = {
            "config": dict(CONFIG),
            "tres": ["cpu|", "mem|", "billing|", "gres|gpu", "gres|gpu:h100"],
            "accounts": {},
            "broken": [],
            "asked": [],
        }
        for program in ("sacctmgr", "scontrol", "sshare", "scancel"):
            path = folder / program
            path.write_text(PROGRAM)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self._write()

    @property
    def prefix(self) -> list[str]:
        return ["env", f"PATH={self.folder}:{os.environ['PATH']}"]

    def _write(self) -> None:
        (self.folder / "state.json").write_text(json.dumps(self._state))

    def _read(self) -> dict[str, Any]:
        self._state = json.loads((self.folder / "state.json").read_text())
        return self._state

    def account(
        self,
        name: str,
        counted: dict[str, int] | None = None,
        limit: dict[str, int] | None = None,
        submit: int | None = None,
    ) -> None:
        """Make it stand on the cluster like this."""
        whole = {"cpu": 0, "mem": 0, "gres/gpu": 0, "gres/gpu:h100": 0, **(counted or {})}
        self._read()["accounts"][name] = {"counted": whole, "limit": limit or {}, "submit": submit}
        self._write()

    def configure(self, **values: str) -> None:
        self._read()["config"].update(values)
        self._write()

    def break_program(self, *programs: str) -> None:
        self._read()["broken"] = list(programs)
        self._write()

    def limit_of(self, name: str) -> dict[str, int]:
        return self._read()["accounts"][name]["limit"]

    def submit_of(self, name: str) -> int | None:
        return self._read()["accounts"][name]["submit"]

    def asked(self, program: str) -> list[list[str]]:
        """What the program was asked, but for questions that only read."""
        return [words[1:] for words in self._read()["asked"] if words[0] == program and "show" not in words]
