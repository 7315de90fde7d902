"""Text files and their faults: what loads, what is refused, and why."""

from datetime import date
from decimal import Decimal

import pytest
from delivered import Shop, counts

from ingest.errors import DeliveryError

HEADER = "id,amount,closed_on\n"
DAY = "2025-01-01"


def lines(*numbers: int) -> str:
    return "".join(f"{number},{number}.50,2025-01-{number:02}\n" for number in numbers)


@pytest.mark.parametrize(
    ("title", "content", "loaded", "refused"),
    [
        (
            "unquoted decimal comma",
            lines(1, 2) + "3,3,50,2025-01-03\n" + lines(4),
            3,
            [(4, "field count is 4, the header has 3")],
        ),
        ("extra field", lines(1) + "2,2.50,,x\n", 1, [(3, "field count is 4")]),
        ("missing field", lines(1) + "2,2.50\n" + lines(3), 2, [(3, "field count is 2")]),
        ("truncated last line", lines(1, 2) + "3,3.5", 2, [(4, "field count is 2")]),
        ("footer", lines(1, 2) + "Total\n", 2, [(4, "field count is 1")]),
        ("NUL byte", lines(1) + "2\0,2.50,\n" + lines(3), 2, [(3, "NUL byte")]),
        ("mixed line ends", "1,1.50,\r\n2,2.50,\n3,3.50,\r\n", 3, []),
        ("Windows line ends", "1,1.50,\r\n2,2.50,\r\n", 2, []),
        ("blank lines", lines(1) + "\n\n" + lines(2) + "\n", 2, []),
        ("quoted line break", '"a\nb",1.50,\n' + lines(2), 2, []),
        ("text after a quote", lines(1) + '"2"x,2.50,\n' + lines(3), 2, [(3, "quotes do not fit")]),
        ("empty key", lines(1) + ",2.50,\n", 1, [(3, "the key is empty")]),
        ("quoted empty key", lines(1) + '"",2.50,\n', 1, [(3, "the key is empty")]),
        ("exponent", lines(1) + "2,1e3,\n", 1, [(3, "<1e3> is no decimal(18,2)")]),
        ("too many decimals", "1,0.1234567891,\n", 0, [(2, "<0.1234567891> is no decimal")]),
        ("spaces around", "1, 7 ,\n", 0, [(2, "< 7 > is no decimal")]),
        ("other day order", "1,1.50,31/12/2024\n", 0, [(2, "<31/12/2024> is no date")]),
        ("instant for a day", "1,1,2025-01-01T23:30:00-05:00\n", 0, [(2, "is no date")]),
        ("no such day", "1,1.50,2025-02-29\n", 0, [(2, "<2025-02-29> is no date")]),
        ("formula and SQL", "=cmd|' /C calc'!A0,1,\n'; drop table x; --,2,\n", 2, []),
        ("underscore and spaces", "1,1_000,\n2, 7,\n", 0, [(2, "<1_000>"), (3, "< 7>")]),
        ("infinity", lines(1) + "2,infinity,\n", 1, [(3, "<infinity> is no decimal(18,2)")]),
        ("header only", "", 0, []),
        ("oversized record", lines(1) + "x" * 3_000_000 + ",1,\n", 1, [(3, "record of 3000004")]),
    ],
)
def test_faults_cost_their_own_row_only(
    shop: Shop, title: str, content: str, loaded: int, refused: list[tuple[int, str]]
) -> None:
    load = shop.landed(DAY, HEADER + content)
    assert counts(load) == (loaded, 0, len(refused), 0), title
    found = shop.refused()
    assert [line for line, *_ in found] == [line for line, _ in refused]
    for (_, _, reason, _), (_, expected) in zip(found, refused, strict=True):
        assert expected in reason


def test_an_unclosed_quote_costs_one_row_of_twenty_one(shop: Shop) -> None:
    content = lines(*range(1, 11)) + '11,"11.50,2025-01-11\n' + lines(*range(12, 22))
    assert counts(shop.landed(DAY, HEADER + content)) == (20, 0, 1, 0)
    assert shop.refused() == [
        (12, None, "quotes do not fit: unclosed, or text after a closing quote",
         '11,"11.50,2025-01-11')
    ]  # fmt: skip


def test_an_unclosed_quote_does_not_pair_with_a_later_one(shop: Shop) -> None:
    content = '1,"1.50,\n2,2.50,\n"3",3.50,\n4,4.50,\n'
    assert counts(shop.landed(DAY, HEADER + content)) == (3, 0, 1, 0)
    assert [key for (key,) in shop.rows("id")] == ["2", "3", "4"]


def test_a_latin_1_row_is_refused_with_its_bytes(shop: Shop) -> None:
    load = shop.landed(DAY, HEADER.encode() + b"1,1.50,\nJos\xe9,2.50,\n")
    assert counts(load) == (1, 0, 1, 0)
    assert shop.refused() == [(3, None, "not UTF-8: byte 0xe9 at position 3", "Jos�,2.50,")]
    assert shop.refused("raw_bytes") == [(b"Jos\xe9,2.50,",)]


def test_a_refused_cast_keeps_the_row_as_delivered(shop: Shop) -> None:
    content = '\n"1","1,5",\n"two\nlines","x\ny",2025-01-01\n3,3,\n'
    load = shop.landed(DAY, HEADER + content)
    assert counts(load) == (1, 0, 2, 0)
    assert shop.refused() == [
        (3, "amount", "<1,5> is no decimal(18,2)", '"1","1,5",'),
        (4, "amount", "<x\ny> is no decimal(18,2)", '"two\nlines","x\ny",2025-01-01'),
    ]
    assert shop.rows("id, _row_number") == [("3", 3)]


@pytest.mark.parametrize(
    ("title", "content", "complaint"),
    [
        ("empty file", b"", "the delivery is empty"),
        ("no header", b"1,1.50,2025-01-01\n2,2.50,\n", "declared column 'id', 'amount'"),
        ("renamed column", b"id,value,closed_on\n1,1,\n", "declared column 'amount'"),
        (
            "duplicate header",
            b"id,amount,amount,closed_on\n1,1,1,\n",
            "two columns have the same name",
        ),
        ("blank first line", b"\nid,amount,closed_on\n", "the first line is no header"),
        ("nameless column", b"id,amount,closed_on,\n1,1,,\n", "the first line is no header"),
        ("UTF-16", (HEADER + lines(1)).encode("utf-16"), "the delivery is UTF-16"),
    ],
)
def test_a_delivery_that_is_not_what_was_declared_is_refused(
    shop: Shop, title: str, content: bytes, complaint: str
) -> None:
    shop.deliver(DAY, content)
    with pytest.raises(DeliveryError) as refusal:
        shop.land()
    assert complaint in refusal.value.what, title
    assert f"{DAY}/deals.csv" in refusal.value.where
    assert shop.rows() == []
    assert shop.refused() == []


def test_columns_are_found_by_name(shop: Shop) -> None:
    shop.landed(DAY, "closed_on,amount,id\n2025-01-02,7.5,a\n")
    assert shop.rows("id, amount, closed_on") == [("a", Decimal("7.50"), date(2025, 1, 2))]


def test_swapped_columns_of_one_type_keep_their_values(shop: Shop) -> None:
    shop.columns = {"id": "varchar", "net": "decimal(18,2)", "gross": "decimal(18,2)"}
    shop.landed(DAY, "id,net,gross\na,1,2\n")
    assert counts(shop.landed("2025-01-02", "id,gross,net\na,2,1\n")) == (0, 1, 0, 0)


def test_a_line_that_looks_like_a_comment_is_a_row(shop: Shop) -> None:
    content = "id,amount\n#11,1\n12,2\n"
    shop.columns = {"id": "varchar", "amount": "bigint"}
    assert counts(shop.landed(DAY, content)) == (2, 0, 0, 0)
    assert shop.rows("id") == [("#11",), ("12",)]


def test_a_line_that_looks_like_a_comment_is_refused_where_its_key_is_a_number(shop: Shop) -> None:
    shop.columns = {"id": "bigint", "amount": "bigint"}
    assert counts(shop.landed(DAY, "id,amount\n#11,1\n12,2\n")) == (1, 0, 1, 0)
    assert shop.refused() == [(2, "id", "<#11> is no bigint", "#11,1")]


def test_a_key_of_digits_keeps_its_zeros(shop: Shop) -> None:
    assert counts(shop.landed(DAY, HEADER + "00008,1,\n8,2,\n")) == (2, 0, 0, 0)
    assert shop.rows("_key") == [("00008",), ("8",)]


def test_a_delivery_that_changes_while_it_is_read_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shop.deliver(DAY, HEADER + lines(1))

    def grows(chunk: bytes, *rest: object) -> bool:
        with path.open("ab") as file:
            file.write(lines(2).encode())
        return False

    # The moment between the first look at the file and the last one.
    with monkeypatch.context() as patched:
        patched.setattr("ingest.incoming.is_packed", grows)
        with pytest.raises(DeliveryError, match="changed while it was read") as refusal:
            shop.land()
    assert refusal.value.where == f"{DAY}/deals.csv"
    assert shop.rows() == []
    # What it will be is not known: that is no refusal to be remembered.
    assert not (shop.lake / "refused").exists()
    assert [counts(load) for load in shop.land()] == [(2, 0, 0, 0)]


def test_lines_that_end_in_three_ways_are_all_read(shop: Shop) -> None:
    load = shop.landed(DAY, "id,amount,closed_on\r\n1,1,\n2,2,\r\n3,3,\n")
    assert counts(load) == (3, 0, 0, 0)
    assert shop.rows("id, _row_number") == [("1", 1), ("2", 2), ("3", 3)]


def test_a_name_that_is_sql_is_just_a_name(shop: Shop) -> None:
    shop.terms = {"path": "'; drop table known; --{extracted_at:%Y%m%d}.csv"}
    shop.deliveries.mkdir(parents=True)
    (shop.deliveries / "'; drop table known; --20250101.csv").write_text(HEADER + lines(1))
    assert [counts(load) for load in shop.land()] == [(1, 0, 0, 0)]


def test_an_unknown_column_is_kept_and_noted(shop: Shop) -> None:
    load = shop.landed(DAY, 'id,mood,amount,closed_on\n1,"so ""so""",1,\n2,,2,\n')
    assert load.extra_columns == ("mood",)
    assert shop.rows("_extra") == [('{"mood":"so \\"so\\""}',), (None,)]


def test_a_missing_last_line_end_is_noted(shop: Shop) -> None:
    load = shop.landed(DAY, "id,amount,closed_on,mood\n1,1.50,,o")
    assert (counts(load), load.notes) == ((1, 0, 0, 0), ("NO_FINAL_NEWLINE",))
    assert shop.rows("_extra") == [('{"mood":"o"}',)]
    assert shop.landed("2025-01-02", HEADER + lines(2)).notes == ()


def test_a_byte_order_mark_is_no_part_of_the_first_name(shop: Shop) -> None:
    assert counts(shop.landed(DAY, b"\xef\xbb\xbf" + (HEADER + lines(1)).encode()))[0] == 1


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le"])
def test_a_declared_encoding_is_read(shop: Shop, encoding: str) -> None:
    shop.terms = {"encoding": encoding}
    shop.landed(DAY, (HEADER + "José,1.50,\n").encode(encoding))
    assert shop.rows("id") == [("José",)]


def test_a_french_export_is_read_as_declared(shop: Shop) -> None:
    shop.terms = {"delimiter": ";", "decimal": ",", "date_format": "%d/%m/%Y"}
    load = shop.landed(DAY, "id;amount;closed_on\n008;-1234,5;31/12/2024\nb;1.5;1/2/2025\n")
    assert counts(load) == (1, 0, 1, 0)
    assert shop.rows("id, amount::varchar, closed_on::varchar") == [
        ("008", "-1234.50", "2024-12-31")
    ]


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("bigint", {"7": "7", "-0": "0", "9223372036854775807": "9223372036854775807"},
         ["1.5", "1.0", "1e3", "1_000", " 7", "+7", "9223372036854775808", "-", "\u0667"]),
        ("decimal(4,2)", {"12.34": "12.34", "-.5": "-0.50", "0099.9": "99.90", "5": "5.00"},
         ["123.4", "1.234", "1,5", "-", ".", "1e1", "nan", "1 000"]),
        ("decimal(3,0)", {"999": "999"}, ["1000", "1.0"]),
        ("double", {"1e3": "1000.0", "-.5": "-0.5", "7": "7.0"},
         ["infinity", "nan", "1e999", "1,5", ".", "e5", "1_0"]),
        ("boolean", {"true": "true", "False": "false", "1": "true", "0": "false"},
         ["yes", "t", "2", " true"]),
        ("date", {"2024-02-29": "2024-02-29"}, ["2023-02-29", "2024-2-9", "24-02-29", "today"]),
    ],
)  # fmt: skip
def test_text_is_never_guessed_at(
    shop: Shop, type_: str, good: dict[str, str], bad: list[str]
) -> None:
    shop.columns = {"id": "varchar", "value": type_}
    given = [*good, *bad, ""]
    body = "".join(f'{number},"{text}"\n' for number, text in enumerate(given))
    load = shop.landed(DAY, "id,value\n" + body)
    assert [text for *_, text in shop.refused()] == [
        f'{number},"{text}"' for number, text in enumerate(given) if text in bad
    ]
    assert counts(load) == (len(good) + 1, 0, len(bad), 0)
    assert [value for (value,) in shop.rows("value::varchar")] == [*good.values(), None]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-06-30T12:00:00Z", "2025-06-30 12:00:00"),
        ("2025-06-30T12:00:00-05:00", "2025-06-30 17:00:00"),
        ("2025-06-30 12:00:00.25+0530", "2025-06-30 06:30:00.25"),
        ("2025-06-30T12:00:00+02", "2025-06-30 10:00:00"),
        ("2025-06-30T12:00:00", "2025-06-30 16:00:00"),
        ("2025-01-31 12:00", "2025-01-31 17:00:00"),
        ("2025-11-02T01:30:00", "2025-11-02 06:30:00"),
        ("2025-03-09T02:30:00", None),
        ("2025-06-30", None),
        ("2025-06-30T24:30:00", None),
        ("30/06/2025 12:00", None),
    ],
)
def test_instants_become_utc(shop: Shop, text: str, utc: str | None) -> None:
    """New York: naive is local; 02:30 of 9 March did not exist; 01:30 of 2 November came twice."""
    shop.columns = {"id": "varchar", "happened_at": "timestamp"}
    shop.terms = {"time_zone": "America/New_York"}
    shop.landed(DAY, f"id,happened_at\n1,{text}\n")
    assert shop.rows("happened_at::varchar") == ([(utc,)] if utc else [])


def test_a_declared_instant_format_is_followed_to_the_letter(shop: Shop) -> None:
    shop.columns = {"id": "varchar", "happened_at": "timestamp"}
    shop.terms = {"timestamp_format": "%d.%m.%Y %H:%M", "time_zone": "Europe/Paris"}
    shop.landed(DAY, "id,happened_at\n1,01.07.2025 14:00\n2,1.7.2025 14:00\n3,2025-07-01T14:00\n")
    assert shop.rows("id, happened_at::varchar") == [("1", "2025-07-01 12:00:00")]


def test_one_column_alone_is_read_too(shop: Shop) -> None:
    shop.columns = {"id": "varchar"}
    assert counts(shop.landed(DAY, 'id\na\n\nb\n"c\nd"\n')) == (3, 0, 0, 0)


def test_names_that_are_patterns_or_quotes_are_just_names(shop: Shop) -> None:
    shop.terms = {"path": "stage=9/it's [ab]*_{extracted_at:%Y%m%d}.csv"}
    shop.columns = {"id": "varchar", 'the "amount" (€)': "decimal(18,2)", "stage": "varchar"}
    path = shop.deliveries / "stage=9" / "it's [ab]*_20250101.csv"
    path.parent.mkdir(parents=True)
    path.write_text('id,"the ""amount"" (€)",stage\n1,2.5,own\n', encoding="utf-8")
    assert len(shop.land()) == 1
    assert shop.rows("stage, _source_file") == [("own", "stage=9/it's [ab]*_20250101.csv")]


def test_a_header_as_long_as_a_file_is_refused_with_its_beginning(shop: Shop) -> None:
    """Of signs that an address may begin with: each might begin one."""
    shop.deliver(DAY, "a" * 1_000_000 + "\n")
    with pytest.raises(DeliveryError, match="is missing") as refusal:
        shop.land()
    assert refusal.value.excerpt == "columns: " + "a" * 491 + "..."
