"""Which questions are answered: one select that reads, and changes or reveals nothing else.

The settings of serving.reading keep a question within the file. What stays open to it is what
DuckDB does for all connections of a process: its log, its profile, its checkpoints.
"""

import json
from collections.abc import Iterator

import duckdb

# Changes what the whole process does, or shows what others asked (duckdb_functions(), 1.5.5).
REVEALING = {
    "checkpoint",
    "disable_logging",
    "disable_profiling",
    "duckdb_log_contexts",
    "duckdb_logs",
    "duckdb_logs_parsed",
    "duckdb_prepared_statements",
    "enable_logging",
    "enable_profiling",
    "force_checkpoint",
    "pg_prepared_statements",
    "truncate_duckdb_logs",
    "write_log",
}
# Runs a text or a table that only shows while it runs, so that nobody could judge it before.
INDIRECT = {"json_execute_serialized_sql", "query", "query_table"}
EXPLAIN, SELECT = duckdb.StatementType.EXPLAIN, duckdb.StatementType.SELECT


class QueryError(Exception):
    """The question is none that can be answered by reading; the message says why."""


def answer(connection: duckdb.DuckDBPyConnection, question: str) -> duckdb.DuckDBPyRelation:
    """The rows that one select asks for, not fetched yet.

    describe, show and summarize are selects, explain is answered where it explains one. Raises
    QueryError for anything else, and duckdb.Error where the statement is wrong.
    """
    statement = _single(connection.extract_statements(question))
    asked = _single(_explained(connection, statement)) if statement.type == EXPLAIN else statement
    if asked.type != SELECT:
        raise QueryError(f"This is a statement of kind {asked.type.name}, not a select.")
    if refused := sorted({*_called(connection, asked.query)}):
        raise QueryError(
            f"A question may not use {', '.join(refused)}: "
            "it changes what the database does, shows what others asked or hides what is asked."
        )
    return connection.sql(statement.query)


def _single(statements: list[duckdb.Statement]) -> duckdb.Statement:
    # DuckDB makes two of it, the first for the values that become columns; neither has a text.
    if len(statements) == 2 and not any(statement.query for statement in statements):
        raise QueryError(
            "A pivot must name its columns, or DuckDB first creates a type of what it finds: "
            "pivot ... on stage_id in ('won', 'lost') using ..."
        )
    if len(statements) != 1:
        raise QueryError(f"One statement is asked for, {len(statements)} were given.")
    return statements[0]


def _explained(
    connection: duckdb.DuckDBPyConnection, explain: duckdb.Statement
) -> list[duckdb.Statement]:
    """What an explain explains, which explain analyze runs: the first rest that is a statement.

    Cut where DuckDB's own scanner cuts, so that no comment or quote hides anything.
    """
    text = explain.query.encode()
    for start, _ in duckdb.tokenize(explain.query):
        try:
            found = connection.extract_statements(text[start:].decode())
        except duckdb.Error:  # Options, and the word analyze.
            continue
        if found and found[0].type != EXPLAIN:
            return found
    return []


def _called(connection: duckdb.DuckDBPyConnection, select: str) -> Iterator[str]:
    """The functions and views of a select that are refused, wherever in it they stand."""
    told = connection.execute("select json_serialize_sql(?::varchar)", [select]).fetchone()
    assert told is not None, "a select without a table gives one row"
    try:
        parsed = json.loads(told[0])
    except RecursionError as error:
        raise QueryError("The select is nested too deeply to be judged.") from error
    if parsed["error"]:
        raise QueryError(f"The select cannot be judged: {parsed['error_message']}")
    for part in _parts(parsed):
        if (function := str(part.get("function_name")).lower()) in REVEALING | INDIRECT:
            yield function
        if (view := str(part.get("table_name")).lower()) in REVEALING:
            yield view


def _parts(parsed: object) -> Iterator[dict[str, object]]:
    """Every object of a parsed statement."""
    waiting = [parsed]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
