"""`tokendesk team`: sets up the database through which the desks of a team exchange entries."""

import argparse

from tokendesk.errors import UsageError
from tokendesk.model.text import printable
from tokendesk.share_address import check_address, is_database


def options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="init")
    init = actions.add_parser("init", help="make schema and roles in a PostgreSQL database")
    init.add_argument("address", metavar="ADDRESS", help="such as postgresql://db.example.com/tokendesk, as its owner")


def run(options: argparse.Namespace) -> int:
    if not is_database(options.address):
        raise UsageError("The address of a database begins with postgresql://, such as postgresql://HOST/DATABASE.")
    from tokendesk.team.setup import READER, WRITER, set_up

    made = set_up(check_address(options.address))
    database = printable(made.database)
    if made.roles_missing:
        print(f"The database {database} has the schema. This login may not make roles: let an admin of the server run")
        print(f"\n{made.roles_missing}")
    else:
        print(f"The database {database} is ready.")
    print(f"""Let an admin of the server give each person a login of their own:

    CREATE ROLE ada LOGIN;           -- with a password, or how people log in there
    GRANT {WRITER} TO ada;  -- reads, and writes notes
    CREATE ROLE bo LOGIN;
    GRANT {READER} TO bo;   -- only reads

Each person then writes into their profile in config.toml, with their own login:

    share = "postgresql://ada@HOST/{database}"
""")
    return 0
