"""From a received file to typed rows and refused rows, all of them accounted for.

The rows go into two temporary tables of the connection given:
`typed` (_row_number, every declared column, _extra, _key, _row_hash) and
`refused` (_row_number, line_number, column_name, reason, raw_text, raw_bytes, _key).
"""

import duckdb

from ingest.csv_files import read_csv_file
from ingest.incoming import Incoming
from ingest.json_files import read_json_lines_file
from ingest.parquet_files import read_parquet_file
from ingest.reading import Reading
from ingest.tables import Table


def read(
    con: duckdb.DuckDBPyConnection, table: Table, incoming: Incoming, file_name: str
) -> Reading:
    """Fill `typed` and `refused` from a received file.

    DeliveryError when the file as a whole cannot be what was declared.
    """
    match table.terms.format:
        case "parquet":
            return read_parquet_file(con, table, incoming, file_name)
        case "jsonl":
            return read_json_lines_file(con, table, incoming, file_name)
        case "xlsx":
            from ingest.xlsx_files import read_xlsx_file  # noqa: PLC0415 - loads openpyxl

            return read_xlsx_file(con, table, incoming, file_name)
        case _:
            return read_csv_file(con, table, incoming, file_name)
