"""What a declaration leaves open: settled by the file, noted in the load, or refused."""

from typing import Any

import pytest
from delivered import Shop, counts

from ingest.errors import DeliveryError

DAY = "2025-01-01"
ALL = ("delimiter", "quote", "encoding", "decimal", "thousands", "date_format")


def left_open(*words: str, **declared: Any) -> dict[str, Any]:
    return dict.fromkeys(words, "detect") | declared


def test_all_of_a_french_export_is_found_out_and_noted(shop: Shop) -> None:
    shop.terms = left_open(*ALL)
    content = "id;amount;closed_on\n'Éric; fils';1 234,5;31/12/2024\n2;-7;01/02/2025\n3;x;\n"
    load = shop.landed(DAY, content.encode("cp1252"))
    assert counts(load) == (2, 0, 1, 0)
    assert load.notes == (
        "GUESSED encoding 'cp1252'",
        "GUESSED delimiter ';'",
        'GUESSED quote "\'"',
        "GUESSED decimal ','",
        "GUESSED thousands ' '",
        "GUESSED date_format '%d/%m/%Y'",
    )
    assert shop.rows("id, amount::varchar, closed_on::varchar") == [
        ("Éric; fils", "1234.50", "2024-12-31"),
        ("2", "-7.00", "2025-02-01"),
    ]
    assert shop.refused() == [(4, "amount", "<x> is no decimal(18,2)", "3;x;")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_the_header_hold_what_is_declared(
    shop: Shop, delimiter: str
) -> None:
    shop.terms = left_open("delimiter")
    content = "id,amount,closed_on\na,1,\n".replace(",", delimiter)
    load = shop.landed(DAY, content)
    assert (counts(load), load.notes) == ((1, 0, 0, 0), (f"GUESSED delimiter {delimiter!r}",))


@pytest.mark.parametrize(
    ("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")]
)
def test_an_encoding_is_told_by_its_bytes(shop: Shop, encoding: str, found: str) -> None:
    shop.terms = left_open("encoding")
    load = shop.landed(DAY, "id,amount,closed_on\nJosé,1,\n".encode(encoding))
    assert (counts(load), load.notes) == ((1, 0, 0, 0), (f"GUESSED encoding {found!r}",))
    assert shop.rows("id") == [("José",)]


def test_nothing_is_noted_of_what_is_declared(shop: Shop) -> None:
    shop.terms = {"delimiter": ";", "decimal": ",", "thousands": ".", "encoding": "cp1252"}
    load = shop.landed(DAY, "id;amount;closed_on\né;1.234,5;\n".encode("cp1252"))
    assert (counts(load), load.notes) == ((1, 0, 0, 0), ())


@pytest.mark.parametrize(
    ("title", "words", "content", "complaint"),
    [
        ("days", ("date_format",), "1,1,03/04/2025\n", "a date can be read in two ways"),
        ("numbers", ("decimal", "thousands"), "1,1.234,\n", "a number can be read in two ways"),
        ("names", ("delimiter",), "", "under no delimiter"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(
    shop: Shop, title: str, words: tuple[str, ...], content: str, complaint: str
) -> None:
    shop.terms = left_open(*words)
    header = "id,amount,closed_on\n" if content else "id:amount:closed_on\n"
    shop.deliver(DAY, header + content)
    with pytest.raises(DeliveryError, match=complaint) as refusal:
        shop.land()
    assert f"{DAY}/deals.csv" in refusal.value.where, title
    assert shop.rows() == []


def test_one_telling_value_settles_what_the_others_leave_open(shop: Shop) -> None:
    shop.terms = left_open("date_format")
    load = shop.landed(DAY, "id,amount,closed_on\n1,1,03/04/2025\n2,1,03/24/2025\n")
    assert load.notes == ("GUESSED date_format '%m/%d/%Y'",)
    assert shop.rows("closed_on::varchar") == [("2025-03-04",), ("2025-03-24",)]


@pytest.mark.parametrize(
    ("sign", "good", "bad"),
    [
        (" ", {"1 234": "1234", "-12 345 678": "-12345678", "1234": "1234"}, ["1 23", "1  234"]),
        (".", {"1.234": "1234"}, ["1.2345", ".234", "1.234."]),
        ("'", {"1'234": "1234"}, ["1'2'3", "1 234"]),
        ("\u202f", {"1\u202f234": "1234"}, ["1 234"]),
    ],
)
def test_signs_of_thousands_stand_before_three_digits_or_the_value_is_refused(
    shop: Shop, sign: str, good: dict[str, str], bad: list[str]
) -> None:
    shop.columns = {"id": "varchar", "value": "bigint"}
    shop.terms = {"thousands": sign, "decimal": ",", "delimiter": ";"}
    body = "".join(f"{number};{text}\n" for number, text in enumerate([*good, *bad]))
    load = shop.landed(DAY, "id;value\n" + body)
    assert counts(load) == (len(good), 0, len(bad), 0)
    assert [value for (value,) in shop.rows("value::varchar")] == list(good.values())
