"""JSON lines: what loads, to the digit, and what a broken line costs."""

import gzip
import json
from datetime import date
from decimal import Decimal

import pytest
from delivered import Shop, counts
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DeliveryError

DAY = "2025-01-01"
COLUMNS = {"id": "varchar", "amount": "decimal(38,19)", "closed_on": "date", "extra": "varchar"}


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.terms |= {"format": "jsonl", "path": "{extracted_at:%Y-%m-%d}/deals.csv"}
    return shop


def line(number: object, amount: object = 1.5) -> str:
    return json.dumps({"id": number, "amount": amount, "closed_on": "2025-01-02"}) + "\n"


def test_members_are_found_by_name_and_may_be_missing(shop: Shop) -> None:
    content = (
        '{"closed_on":"2025-01-02","id":"a","amount":7.5}\n\n{"id":"b"}\n{"id":"c","amount":null}\n'
    )
    assert counts(shop.landed(DAY, content)) == (3, 0, 0, 0)
    assert shop.rows("id, amount, closed_on") == [
        ("a", Decimal("7.50"), date(2025, 1, 2)),
        ("b", None, None),
        ("c", None, None),
    ]


def test_numbers_lose_no_digit_and_keys_keep_their_zeros(shop: Shop) -> None:
    shop.columns = COLUMNS
    numbers = '"amount":0.1234567890123456789,"extra":123456789012345678901'
    shop.landed(DAY, f'{{"id":"00008","closed_on":null,{numbers}}}\n')
    assert shop.rows("id, amount, extra") == [
        ("00008", Decimal("0.1234567890123456789"), "123456789012345678901")
    ]


def test_what_lies_deeper_is_kept_as_json(shop: Shop) -> None:
    shop.columns = COLUMNS
    content = '{"id":1,"amount":true,"closed_on":null,"extra":{"a":[1,2.5,null,"é"],"b":{}}}\n'
    load = shop.landed(DAY, content + content.replace("true", "2"))
    assert counts(load) == (1, 0, 1, 0)
    assert shop.rows("id, extra") == [("1", '{"a":[1,2.5,null,"é"],"b":{}}')]
    assert [(number, column) for number, column, *_ in shop.refused()] == [(1, "amount")]


def test_a_late_member_that_nobody_declared_is_kept_and_noted(shop: Shop) -> None:
    load = shop.landed(DAY, line(1) + line(2).replace("}", ', "mood": "good"}'))
    assert load.extra_columns == ("mood",)
    assert shop.rows("_extra") == [(None,), ('{"mood":"good"}',)]


@pytest.mark.parametrize(
    ("title", "broken", "reason"),
    [
        ("cut short", '{"id": "2", "amou', "no JSON object: Unterminated string"),
        ("two objects", '{"id": "2"} {"id": "3"}', "no JSON object: Extra data"),
        ("a list", '["2", 1.5]', "no JSON object: the line holds a list"),
        ("a number", "2", "no JSON object: the line holds a int"),
        ("a name twice", '{"id": "2", "id": "3"}', "no JSON object: the name 'id' stands twice"),
        ("no number", '{"id": "2", "amount": NaN}', "no JSON object: NaN is no number"),
        ("a NUL", '{"id": "2\\u0000"}', "no JSON object: NUL character"),
        ("half a character", '{"id": "\\ud83d"}', "no JSON object: 'utf-8' codec can't encode"),
        ("too deep", '{"id": ' + "[" * 200_000, "no JSON object: "),
        ("too long", '{"id": "' + "x" * 3_000_000, "record of 3000009 bytes"),
        ("a number of 5,000 digits", '{"id": ' + "1" * 5_000 + "}", "no JSON object: "),
        ("an exponent", '{"id": "2", "amount": 1e3}', "<1e3> is no decimal(18,2)"),
        ("no key", '{"amount": 1.5}', "the key is empty"),
    ],
)
def test_a_broken_line_costs_itself_only(shop: Shop, title: str, broken: str, reason: str) -> None:
    load = shop.landed(DAY, line(1) + broken + "\n" + line(3))
    assert counts(load) == (2, 0, 1, 0), title
    ((number, _, found, text),) = shop.refused()
    assert number == 2
    assert reason in found
    assert text == broken
    assert [key for (key,) in shop.rows("id")] == ["1", "3"]


def test_a_latin_1_line_is_refused_with_its_bytes(shop: Shop) -> None:
    shop.landed(DAY, line(1).encode() + b'{"id":"Jos\xe9"}\n')
    ((number, _, reason, _),) = shop.refused()
    assert (number, reason) == (2, "not UTF-8: byte 0xe9 at position 10")


def test_a_column_that_no_line_has_is_missing(shop: Shop) -> None:
    shop.deliver(DAY, '{"id":"1","closed_on":null}\n')
    with pytest.raises(DeliveryError) as refusal:
        shop.land()
    assert "declared column 'amount'" in refusal.value.what
    assert shop.rows() == []


def test_blank_lines_alone_are_no_rows(shop: Shop) -> None:
    assert counts(shop.landed(DAY, "\n\n")) == (0, 0, 0, 0)


def test_a_file_without_its_last_line_end_says_so(shop: Shop) -> None:
    assert shop.landed(DAY, line(1).rstrip()).notes == ("NO_FINAL_NEWLINE",)


def test_packed_lines_land_too(shop: Shop) -> None:
    shop.terms["path"] += ".gz"
    shop.deliver(DAY, "").unlink()
    (shop.deliveries / DAY / "deals.csv.gz").write_bytes(gzip.compress(line(1).encode()))
    (load,) = shop.land()
    assert counts(load) == (1, 0, 0, 0)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(content=st.binary(max_size=200), good=st.integers(0, 3))
def test_whatever_the_bytes_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, good: int
) -> None:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.terms |= {"format": "jsonl", "path": "{extracted_at:%Y-%m-%d}/deals.csv"}
    text = "".join(line(number) for number in range(good + 1)).encode()
    broken = content.replace(b"\n", b"").replace(b"\r", b"")
    load = shop.landed(DAY, text + broken + b"\n")
    assert load.delivered_rows == good + 1 + bool(broken)
    assert load.loaded_rows >= good + 1
