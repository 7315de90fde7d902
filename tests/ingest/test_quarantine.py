"""The quarantine as a person reads it."""

from datetime import datetime

import pytest
from delivered import Shop

from ingest.errors import PilotageError
from ingest.quarantine import Refusals, refusals, write_refused_rows

HEADER = "id,amount,closed_on\n"
SECRET = "4711"


def at(day: str) -> datetime:
    """The last second of a day, as the lake keeps it."""
    return datetime.fromisoformat(f"{day} 23:59:59")


def test_refused_rows_are_grouped_by_column_and_reason_without_their_values(shop: Shop) -> None:
    shop.terms["mode"] = "incremental"
    shop.landed("2025-01-01", HEADER + f"1,x{SECRET},\n2,1,\n3,y,31/12/2024\n")
    shop.landed("2025-01-02", HEADER + "4,1,\n\n5,z\n6,z<z> is no w,\n")
    first, second = at("2025-01-01"), at("2025-01-02")
    decimals = "no decimal(18,2)"
    short = "field count is 2, the header has 3"
    assert refusals(shop.lake) == [
        Refusals(
            "shop.deals", "amount", decimals, 3, 2, first, second, "2025-01-02/deals.csv, line 5"
        ),
        Refusals("shop.deals", "", short, 1, 1, second, second, "2025-01-02/deals.csv, line 4"),
    ]
    assert SECRET not in repr(refusals(shop.lake))


def test_where_in_a_line_a_fault_lies_makes_no_group_of_its_own(shop: Shop) -> None:
    shop.landed("2025-01-01", HEADER.encode() + b"Jos\xe9,1,\nJ\xe9r,2,\n")
    ((reason, rows),) = [(group.reason, group.rows) for group in refusals(shop.lake)]
    assert (reason, rows) == ("not UTF-8: byte 0xe9", 2)


@pytest.mark.parametrize(("name", "told"), [("none/rows.csv", "No such file"), ("", "directory")])
def test_a_file_that_cannot_be_written_is_told(shop: Shop, name: str, told: str) -> None:
    shop.landed("2025-01-01", HEADER + "1,x,\n")
    with pytest.raises(PilotageError, match=f"cannot be written: .*{told}") as refusal:
        write_refused_rows(shop.lake, shop.home / name)
    assert refusal.value.where == str(shop.home / name)


def test_a_lake_without_refusals_has_none(shop: Shop) -> None:
    assert refusals(shop.lake) == []
    shop.landed("2025-01-01", HEADER + "1,1,\n")
    assert refusals(shop.lake) == []
