"""Servers that the data centre assigns, each resource of one under a number of its own."""

from dataclasses import replace

import polars as pl

from tenants.compute.bulk import Block
from tenants.compute.models import AssignedServer, Cluster


def number_servers(cluster: Cluster, block: Block) -> None:
    """Give the rows of a block the numbers of their servers in place of a job's; new servers are kept."""
    ended = block.ended.with_columns(resource=pl.col("held").cast(pl.String).str.extract(r"^(.*)=", 1))
    wanted = {*ended.select("display_id", "resource").unique().iter_rows()}
    wanted |= {(row.display_id, next(iter(row.units))) for row in block.live}
    AssignedServer.objects.bulk_create(
        (AssignedServer(cluster=cluster, name=name, resource=resource) for name, resource in sorted(wanted)),
        ignore_conflicts=True,
    )
    found = AssignedServer.objects.filter(cluster=cluster, name__in={name for name, _resource in wanted})
    numbers = {(server.name, server.resource): server.pk for server in found}
    table = pl.DataFrame(
        [(name, resource, pk) for (name, resource), pk in numbers.items()],
        schema={"display_id": pl.String, "resource": pl.String, "number": pl.Int64},
        orient="row",
    )
    block.ended = (
        ended.join(table, on=["display_id", "resource"], how="left", maintain_order="left")
        .with_columns(job_id="number")
        .select(block.ended.columns)
    )
    block.live = [replace(row, job_id=numbers[row.display_id, next(iter(row.units))]) for row in block.live]
