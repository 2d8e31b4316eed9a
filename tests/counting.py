"""Statements a page asks of its own, whatever the engine adds around them."""

import re

AROUND = re.compile(r"SAVEPOINT|RELEASE|SELECT set_config")


def asked(queries):
    """How many of the captured statements are the page's: without savepoints and the walls of PostgreSQL."""
    return sum(not AROUND.match(query["sql"]) for query in queries)
