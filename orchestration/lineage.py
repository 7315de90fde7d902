"""Column lineage: of which columns a column is made, read out of the SQL that dbt compiled.

Of its value alone: what a filter or the condition of a join reads decides which rows there are, and
is not named. What is made of nothing but constants has no origin. Neither has a model in Python,
whose text says nothing of columns.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlglot import MappingSchema, exp, parse_one
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from ingest.tables import LAKE_COLUMNS

DIALECT = "duckdb"
# Where a source stands in the SQL that is read here: dbt writes a call of read_parquet there.
LANDED = "landed"


class Column(NamedTuple):
    """A column of a model, seed or source. table: dbt's unique_id."""

    table: str
    name: str


# The columns of a table in their order, each with those of others that it is made of.
Makers = dict[str, tuple[Column, ...]]


class Lineage:
    """What the tables of a dbt project are made of.

    manifest: dbt's manifest.json. sql_of: the SQL that dbt compiled for a node of it, "" where it
    has not.
    """

    def __init__(
        self, manifest: Mapping[str, Any], sql_of: Callable[[Mapping[str, Any]], str]
    ) -> None:
        self._nodes: Mapping[str, Any] = {**manifest["nodes"], **manifest["sources"]}
        self._sql_of = sql_of
        self._traced: dict[str, Makers] = {}

    def of(self, table: str) -> Makers:
        """Each column of a table with the columns that it is made of, those sorted.

        A seed, a source, a model in Python and one that dbt did not compile are made of nothing.
        """
        if table not in self._traced:
            self._traced[table] = self._trace(self._nodes[table])
        return self._traced[table]

    def origins(self, column: Column) -> list[Column]:
        """The columns that a column comes down to in the end, sorted: those made of nothing."""
        return sorted(one for one in self._behind(column) if not self._makers(one))

    def _behind(self, column: Column) -> Iterator[Column]:
        waiting, seen = [column], {column}
        while waiting:
            one = waiting.pop()
            makers = self._makers(one)
            yield one
            waiting += [maker for maker in makers if maker not in seen]
            seen.update(makers)

    def _makers(self, column: Column) -> tuple[Column, ...]:
        return self.of(column.table).get(column.name, ())

    def _trace(self, node: Mapping[str, Any]) -> Makers:
        sql = self._sql_of(node) if node.get("language") == "sql" else ""
        try:
            return self._read(sql, self._parents(node)) if sql else _untraced(node)
        except Exception:
            # A library's reading of whatever SQL a company has: no run may end by it.
            return _untraced(node)

    def _parents(self, node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [self._nodes[parent] for parent in node["depends_on"]["nodes"]]

    def _read(self, sql: str, parents: list[Mapping[str, Any]]) -> Makers:
        schema = MappingSchema(dialect=DIALECT)
        table_ids = {}
        for parent in parents:
            sql, place = _placed(sql, parent)
            columns = self.of(parent["unique_id"])
            schema.add_table(place, dict.fromkeys(columns, "unknown"), dialect=DIALECT)
            table_ids[place.db, place.name] = parent["unique_id"]
        read = parse_one(sql, dialect=DIALECT)
        query = qualify(read, schema=schema, dialect=DIALECT, validate_qualify_columns=False)
        if not isinstance(query, exp.Query):
            return {}
        scope = build_scope(query)
        made_of = {}
        for name in query.named_selects:
            traced = lineage(
                name,
                query,
                schema=schema,
                dialect=DIALECT,
                scope=scope,
                copy=False,
                trim_selects=False,
            )
            leaves = (leaf for leaf in traced.walk() if not leaf.downstream)
            made_of[name] = tuple(sorted(set(_named(leaves, table_ids))))
        return made_of


def compiled_below(target: Path) -> Callable[[Mapping[str, Any]], str]:
    """The SQL that a manifest holds, or else what dbt compiles into its target folder: there it is
    already while dbt builds, and still where dbt has only read the project since.
    """

    def sql_of(node: Mapping[str, Any]) -> str:
        if code := node.get("compiled_code"):
            return str(code)
        path = target / "compiled" / node["package_name"] / node["original_file_path"]
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    return sql_of


def _untraced(node: Mapping[str, Any]) -> Makers:
    of_the_lake = LAKE_COLUMNS if node["resource_type"] == "source" else ()
    return dict.fromkeys((*node["columns"], *of_the_lake), ())


def _placed(sql: str, parent: Mapping[str, Any]) -> tuple[str, exp.Table]:
    """The table of a parent, and the SQL with it where dbt wrote how to read a source's files."""
    relation = parent["relation_name"]
    if parent["resource_type"] != "source":
        return sql, exp.to_table(relation, dialect=DIALECT)
    name = f"{parent['source_name']}__{parent['name']}"
    return sql.replace(relation, f"{LANDED}.{name}"), exp.table_(name, db=LANDED)


def _named(leaves: Any, table_ids: Mapping[tuple[str, str], str]) -> Iterator[Column]:
    for leaf in leaves:
        table = leaf.expression.find(exp.Table)
        if table is not None and (unique_id := table_ids.get((table.db, table.name))):
            yield Column(unique_id, exp.to_column(leaf.name).name)
