import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incubator.common.dbroles import acting_as_system
from incubator.common.errors import DomainError
from incubator.common.fingerprints import fingerprint
from incubator.optimise.assignment import solve_assignment
from investors.matching.checking import check_run
from investors.matching.models import MatchRun
from investors.matching.problem import canonical_result, export_of
from investors.matching.selectors import company_names
from investors.matching.services import repeat_run, run_matching
from investors.matching.solving import problem_of

SHUFFLES = 20


class Command(BaseCommand):
    help = "Match companies and firms, check the result independently, keep it as a draft, and print what it found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--export", metavar="FILE", type=Path, help="write the input and the result as JSON"
        )
        parser.add_argument("--repeat", metavar="RUN", type=int, help="solve a kept run again and compare")
        parser.add_argument(
            "--only-seen", action="store_true", help="only companies that have agreed to be seen by investors"
        )
        parser.add_argument(
            "--keep-locks-of", metavar="RUN", type=int, help="keep the locked pairs of this run"
        )
        parser.add_argument(
            "--prove", action="store_true", help=f"solve {SHUFFLES} shuffled inputs and compare the results"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["repeat"] is not None:
            self._repeat(options["repeat"])
            return
        with acting_as_system():
            try:
                locks = options["keep_locks_of"]
                run = run_matching(
                    actor=None,
                    now=timezone.now(),
                    only_seen=options["only_seen"],
                    keep_locks_of=self._run(locks) if locks is not None else None,
                )
            except DomainError as error:
                raise CommandError(str(error), returncode=1) from error
            pairs = list(run.matches.values_list("company_id", "firm_id"))
            names = company_names(short["company"] for short in run.shortfalls)
        self._tell(run, pairs, names)
        self._check(run, pairs)
        if options["prove"]:
            self._prove(run)
        if options["export"] is not None:
            self._export(run, pairs, options["export"])

    def _run(self, number: int) -> MatchRun:
        try:
            return MatchRun.objects.get(pk=number)
        except MatchRun.DoesNotExist as error:
            raise CommandError(f"there is no run {number}", returncode=2) from error

    def _tell(self, run: MatchRun, pairs: list[tuple[int, int]], names: dict[int, str]) -> None:
        say, figures = self.stdout.write, run.figures
        spread, minimum = figures["introductions"], figures["minimum"]
        say(f"objective {run.objective}, bound {run.bound}, gap {run.gap}, minimum {run.minimum} a company")
        say(
            f"companies {len(run.problem['companies'])}, firms {len(run.problem['firms'])}, matches {len(pairs)}, "
            f"below the minimum {len(run.shortfalls)}"
        )
        for short in run.shortfalls:
            name = names.get(short["company"], "")
            say(f"company {short['company']} {name} misses {short['missing']}: {short['cause']}")
        say(
            f"introductions a company: least {spread['least']}, median {spread['median']}, most {spread['most']}, "
            f"Gini {spread['gini'] / 10_000:.4f}; seats taken {spread['total']} of {figures['seats']}"
        )
        say(
            f"the minimum costs {minimum['price']} points; without it {minimum['short_without']} companies fall below"
        )
        say(
            f"blocking pairs {figures['blocking']}; the stable choice scores {figures['stable']['objective']} with "
            f"{figures['stable']['blocking']} blocking pairs and {figures['stable']['companies_short']} companies below"
        )
        say(
            f"run {run.pk}, input {run.input_hash[:16]}, result {run.result_hash[:16]}, code {run.code_version}"
        )

    def _check(self, run: MatchRun, pairs: list[tuple[int, int]]) -> None:
        broken = check_run(
            problem=run.problem,
            pairs=pairs,
            objective=run.objective,
            bound=run.bound,
            shortfalls=run.shortfalls,
            explained=run.explained,
            reasons=run.reasons,
            prices=run.figures["prices"],
        )
        for line in broken:
            self.stdout.write(f"broken: {line}")
        if broken:
            raise CommandError("the independent check found broken promises", returncode=1)
        self.stdout.write(
            f"independent check passed: limits, sums of {len(run.problem['pairs'])} pairs, minimum, reasons, bound"
        )

    def _prove(self, run: MatchRun) -> None:
        problem, same = problem_of(run.problem), 0
        for seed in range(SHUFFLES):
            draw = random.Random(seed)  # noqa: S311
            shuffled = replace(
                problem,
                lefts=tuple(draw.sample(problem.lefts, len(problem.lefts))),
                rights=tuple(draw.sample(problem.rights, len(problem.rights))),
                pairs=tuple(draw.sample(problem.pairs, len(problem.pairs))),
            )
            same += fingerprint(canonical_result(solve_assignment(shuffled))) == run.result_hash
        self.stdout.write(f"same result for {same} of {SHUFFLES} shuffled inputs")
        if same < SHUFFLES:
            raise CommandError("the result depends on the order of the rows", returncode=1)

    def _repeat(self, number: int) -> None:
        with acting_as_system():
            run = self._run(number)
            try:
                found = repeat_run(run=run, actor=None)
            except DomainError as error:
                raise CommandError(str(error), returncode=1) from error
        code = "the same code" if found.same_code else f"other code than {run.code_version or 'unknown'}"
        self.stdout.write(f"run {run.pk}: input {run.input_hash}, kept input {found.input_hash}")
        self.stdout.write(f"run {run.pk}: result {run.result_hash}, repeated {found.result_hash}, {code}")
        if not (found.same_input and found.same_result):
            raise CommandError("the repeated run is another one", returncode=1)
        self.stdout.write("the same input gives the same result")

    def _export(self, run: MatchRun, pairs: list[tuple[int, int]], export: Path) -> None:
        exported = export_of(run.problem, pairs, objective=run.objective, bound=run.bound)
        try:
            Path(export).write_text(json.dumps(exported, ensure_ascii=False, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise CommandError(f"{export}: {error.strerror or error}", returncode=2) from error
