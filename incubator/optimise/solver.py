"""One way to run HiGHS, so that the same model gives the same answer on any machine. Knows no Django.

One thread: HiGHS keeps one scheduler for a process and refuses a second number of threads, and a worker that
forks must not inherit any. Bounded by iterations and nodes, never by time, or the answer would depend on
load.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

INFINITY: float = highspy.kHighsInf
ITERATION_LIMIT = 2_000_000
NODE_LIMIT = 100_000
_TOLERANCE = 1e-6
_MORE_COLUMNS = 20_000


class SolverError(RuntimeError):
    """The solver stopped without an optimum; the message names its status."""


@dataclass(frozen=True, slots=True)
class LinearProgram:
    """Maximise `costs` over columns within bounds, with rows within bounds.

    `entries` lists, column by column, the rows in which it stands with coefficient 1.
    """

    costs: Sequence[float]
    column_lower: Sequence[float]
    column_upper: Sequence[float]
    row_lower: Sequence[float]
    row_upper: Sequence[float]
    entries: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Solution:
    """Values by column, and by row what one more unit of its bound is worth (none for integer programs)."""

    values: Sequence[float]
    row_duals: Sequence[float]


def maximise(program: LinearProgram, *, integer: bool = False) -> Solution:
    """Solve to optimality; a linear program is answered with a vertex. Raises SolverError where it cannot."""
    options: dict[str, bool | int | float | str] = (
        {"mip_max_nodes": NODE_LIMIT, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
        if integer
        else {"solver": "simplex"}
    )
    highs = _highs(_model(program, integer=integer), options)
    highs.run()
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverError(highs.modelStatusToString(status))
    found = highs.getSolution()
    return Solution(list(found.col_value), [] if integer else list(found.row_dual))


def maximise_by_parts(program: LinearProgram, first: Sequence[bool]) -> Solution:
    """As `maximise` for a linear program of which few of very many columns matter.

    Solves it over the columns of `first`, which must leave it solvable and hold all that have a lower bound,
    then adds those that are worth more than the prices of their rows, from where it stands, until none is.
    """
    costs, upper = np.asarray(program.costs, np.float64), np.asarray(program.column_upper, np.float64)
    lower = np.asarray(program.column_lower, np.float64)
    lengths = np.fromiter((len(rows) for rows in program.entries), np.int64, len(costs))
    rows = np.fromiter((row for entry in program.entries for row in entry), np.int64)
    column_of = np.repeat(np.arange(len(costs)), lengths)
    inside = np.asarray(first, dtype=bool)
    order = np.flatnonzero(inside)
    part = LinearProgram(
        costs=costs[order].tolist(),
        column_lower=lower[order].tolist(),
        column_upper=upper[order].tolist(),
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        entries=[program.entries[at] for at in order.tolist()],
    )
    highs = _highs(_model(part, integer=False), {"solver": "simplex"})
    while True:
        highs.run()
        status = highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(highs.modelStatusToString(status))
        found = highs.getSolution()
        duals = np.asarray(found.row_dual)
        worth = costs - np.bincount(column_of, weights=duals[rows], minlength=len(costs))
        wanted = np.flatnonzero(~inside & (worth > _TOLERANCE))
        if not len(wanted):
            values = np.zeros(len(costs))
            values[order] = found.col_value
            return Solution(values.tolist(), list(found.row_dual))
        wanted = np.sort(wanted[np.argsort(-worth[wanted], kind="stable")[:_MORE_COLUMNS]])
        inside[wanted] = True
        order = np.concatenate([order, wanted])
        indices = rows[np.isin(column_of, wanted)]
        highs.addCols(
            len(wanted),
            costs[wanted],
            lower[wanted],
            upper[wanted],
            len(indices),
            np.concatenate([[0], np.cumsum(lengths[wanted])[:-1]]).astype(np.int32),
            indices.astype(np.int32),
            np.ones(len(indices)),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The best whole-number answer known (None: none found) and whether it is proven to be the best."""

    values: Sequence[float] | None
    proven: bool


def search(
    program: LinearProgram, *, nodes: int, start: Sequence[float] | None = None, presolve: bool = True
) -> Found:
    """Look for the best whole-number answer over at most so many nodes, from `start` where one is known.

    `presolve` pays where the search is long, not where the relaxation is all but whole already. Raises
    SolverError where there is no answer at all, or the solver fails.
    """
    options = {
        "mip_max_nodes": nodes,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.5,
        "presolve": "on" if presolve else "off",
    }
    highs = _highs(_model(program, integer=True), options)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = list(start)
        highs.setSolution(known)
    highs.run()
    status = highs.getModelStatus()
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit):
        raise SolverError(highs.modelStatusToString(status))
    found = highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = list(highs.getSolution().col_value) if found else None
    return Found(values, status == highspy.HighsModelStatus.kOptimal)


def _model(program: LinearProgram, *, integer: bool) -> highspy.HighsLp:
    columns = len(program.costs)
    model = highspy.HighsLp()
    model.num_col_ = columns
    model.num_row_ = len(program.row_lower)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.asarray(program.costs, dtype=float)
    model.col_lower_ = np.asarray(program.column_lower, dtype=float)
    model.col_upper_ = np.asarray(program.column_upper, dtype=float)
    model.row_lower_ = np.asarray(program.row_lower, dtype=float)
    model.row_upper_ = np.asarray(program.row_upper, dtype=float)
    starts = np.zeros(columns + 1, dtype=np.int32)
    np.cumsum([len(rows) for rows in program.entries], out=starts[1:])
    indices = np.fromiter((row for rows in program.entries for row in rows), dtype=np.int32)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = indices
    model.a_matrix_.value_ = np.ones(len(indices))
    if integer:
        model.integrality_ = [highspy.HighsVarType.kInteger] * columns

    return model


def _highs(model: highspy.HighsLp, more: dict[str, bool | int | float | str]) -> highspy.Highs:
    highs = highspy.Highs()
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "simplex_iteration_limit": ITERATION_LIMIT,
        **more,
    }
    for name, value in options.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise SolverError(f"option {name} refused")
    if highs.passModel(model) == highspy.HighsStatus.kError:
        raise SolverError("model refused")
    return highs
