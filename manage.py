#!/usr/bin/env python
"""Django's commands. Without DATABASE_URL they find the embedded PostgreSQL of VAR, or start it."""

import sys

from incubator.running.commands import database_for
from incubator.running.environment import choose_settings


def main() -> None:
    choose_settings()
    from django.core.management import execute_from_command_line

    with database_for(sys.argv[1:]):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
