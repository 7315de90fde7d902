"""Parquet: columns by name, each cast to its declared type without loss."""

import duckdb

from ingest.casts import from_physical, literal, quoted
from ingest.errors import DeliveryError
from ingest.incoming import Incoming
from ingest.reading import Reading, check_names, finish_reading, number_landed
from ingest.tables import Table
from ingest.typed_rows import Cell, make_refused, make_typed


def read_parquet_file(
    con: duckdb.DuckDBPyConnection, table: Table, incoming: Incoming, file_name: str
) -> Reading:
    try:
        con.execute(
            "create or replace temp table landed as select * from read_parquet("
            f"{literal(str(incoming.path))}, hive_partitioning=false)"
        )
    except duckdb.Error as error:
        raise DeliveryError(
            "this is no whole Parquet file",
            where=file_name,
            excerpt=str(error).splitlines()[0],
            remedy="export it again",
        ) from None
    number_landed(con)
    physical = dict(
        con.execute("select column_name, column_type from (describe landed)").fetchall()
    )
    extra = check_names(table, list(physical), file_name)
    cells = []
    for column in table.columns:
        name = quoted(column.name)
        try:
            cast = from_physical(column, "{}", physical[column.name], table.terms)
        except DeliveryError as error:
            error.where = f"{file_name} of {table}"
            raise
        given = f"nullif({name}, '')" if physical[column.name] == "VARCHAR" else name
        cells.append(Cell(column, cast, given))
    make_typed(con, table, cells, {name: quoted(name) for name in extra})
    bad_rows = make_refused(con, table, cells)
    if bad_rows:
        con.execute(
            "update refused set raw_text = (select cast(to_json(landed) as varchar) from landed"
            " where landed.rowid + 1 = refused._row_number)"
        )
    return finish_reading(con, table, list(physical), extra, (), list(physical.values()))
