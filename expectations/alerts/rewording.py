"""The one change to what the book has told already: for a person whom it must forget."""

from collections.abc import Callable

from expectations.alerts.book import Book


def reword(book: Book, reworded: Callable[[str], str]) -> int:
    """Put every text of the book through a function; return how many it changed.

    Nothing of the old texts is left in the file. Notices that are out already stay as they are.
    """
    book.connection.create_function("reworded", 1, lambda text: text and reworded(text))
    changed = 0
    with book.transaction() as connection:
        for table, column in _texts(book):
            changed += connection.execute(
                f'update {table} set "{column}" = reworded("{column}")'
                f' where "{column}" <> reworded("{column}")'
            ).rowcount
    # Also without a change: what was deleted before, or by one that was killed, is in the file.
    book.rows("vacuum")
    return changed


def _texts(book: Book) -> list[tuple[str, str]]:
    """Table and column of all that is text."""
    found = book.rows(
        "select tables.name, columns.name from sqlite_master as tables,"
        " pragma_table_info(tables.name) as columns"
        " where tables.type = 'table' and columns.type = 'TEXT'"
    )
    return [(str(table), str(column)) for table, column in found]
