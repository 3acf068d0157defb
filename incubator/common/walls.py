"""Migration operations that build the walls: grants and row-level security policies, table by table.

Each is idempotent (what stood before is dropped first), so a later migration changes a wall by stating it anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import migrations

ROLES = ("public", "founder", "investor", "adviser", "staff")
ANY = "true"
OWN_COMPANY = "company_id = ANY (camp_companies())"
OWN_FIRM = "firm_id = ANY (camp_firms())"
OWN_USER = "user_id = camp_user()"


@dataclass(frozen=True)
class Access:
    """What a role may do with a table: a SQL predicate over the row for each verb, None where it may not.

    `columns` narrows SELECT, and `update_columns` UPDATE, to these columns.
    """

    select: str | None = None
    insert: str | None = None
    update: str | None = None
    delete: str | None = None
    columns: Sequence[str] = ()
    update_columns: Sequence[str] = ()


EVERYTHING = Access(select=ANY, insert=ANY, update=ANY, delete=ANY)
READ = Access(select=ANY)


def _policy(table: str, role: str, verb: str, predicate: str, suffix: str = "") -> str:
    name = f"camp_{role}_{verb}{suffix}"
    if verb == "insert":
        check = f"WITH CHECK ({predicate})"
    elif verb == "update":
        check = f"USING ({predicate}) WITH CHECK ({predicate})"
    else:
        check = f"USING ({predicate})"
    return (
        f'DROP POLICY IF EXISTS {name} ON "{table}";\n'
        f'CREATE POLICY {name} ON "{table}" FOR {verb.upper()} TO camp_{role} {check};'
    )


def _open(table: str, role: str, access: Access, suffix: str = "") -> list[str]:
    lines = []
    for verb in ("select", "insert", "update", "delete"):
        predicate = getattr(access, verb)
        if predicate is None:
            continue
        columns = {"select": access.columns, "update": access.update_columns}.get(verb, ())
        listed = f" ({', '.join(columns)})" if columns else ""
        lines.append(f'GRANT {verb.upper()}{listed} ON "{table}" TO camp_{role};')
        lines.append(_policy(table, role, verb, predicate, suffix))
    return lines


def _drop_policies(table: str) -> str:
    return f"""DO $$ DECLARE p record; BEGIN
 FOR p IN SELECT policyname FROM pg_policies
   WHERE schemaname = current_schema() AND tablename = '{table}' AND policyname LIKE 'camp\\_%' LOOP
  EXECUTE format('DROP POLICY %I ON %I', p.policyname, '{table}');
 END LOOP; END $$;"""


def wall(
    table: str,
    *,
    founder: Access | None = None,
    investor: Access | None = None,
    adviser: Access | None = None,
    public: Access | None = None,
    staff: Access = EVERYTHING,
) -> migrations.RunSQL:
    """Close a table to every role, then open it as stated. Staff get everything unless told otherwise."""
    given = {"public": public, "founder": founder, "investor": investor, "adviser": adviser, "staff": staff}
    roles = ", ".join(f"camp_{role}" for role in ROLES)
    lines = [
        _drop_policies(table),
        f'REVOKE ALL ON "{table}" FROM {roles};',
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;',
    ]
    for role, access in given.items():
        if access is not None:
            lines += _open(table, role, access)
    undo = f'{_drop_policies(table)}\nALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;'
    return migrations.RunSQL("\n".join(lines), undo)


def opening(table: str, role: str, name: str, access: Access) -> migrations.RunSQL:
    """One more opening in a wall that another app built (policies of one table add up)."""
    verbs = [verb for verb in ("select", "insert", "update", "delete") if getattr(access, verb) is not None]
    undo = "\n".join(f'DROP POLICY IF EXISTS camp_{role}_{verb}_{name} ON "{table}";' for verb in verbs)
    return migrations.RunSQL("\n".join(_open(table, role, access, f"_{name}")), undo)


def history_wall(table: str, *, writers: Sequence[str] = ()) -> migrations.RunSQL:
    """A history table: staff read it; the roles in `writers` only ever add to it (its trigger runs as them)."""
    written = {role: Access(insert=ANY) for role in writers}
    return wall(table, staff=Access(select=ANY, insert=ANY), **written)
