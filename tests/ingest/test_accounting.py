"""Every row and every byte belongs somewhere: random files against a model in plain Python."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from delivered import Shop
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.records import Dialect, split

CELLS = st.sampled_from(["", "1", "2.50", "-3", "x", "1,5", 'a"b', "é", "l\nm", "7.125", " 1"])
KEYS = st.sampled_from(["a", "b", "c", "d", "", 'q"', "p|q", "é\n"])
ROWS = st.lists(st.tuples(KEYS, CELLS), max_size=12)
EXPORTS = st.lists(ROWS, min_size=1, max_size=5)

DELIVERED = settings(max_examples=20, deadline=None, print_blob=True)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text


def csv_of(rows: list[tuple[str, str]]) -> str:
    return "id,amount\n" + "".join(f"{quoted(key)},{quoted(cell)}\n" for key, cell in rows)


def is_amount(text: str) -> bool:
    return text in ("", "1", "2.50", "-3")


class Model:
    """What a full export does, said in the plainest way."""

    def __init__(self) -> None:
        self.known: dict[str, str | None] = {}

    def deliver(self, rows: list[tuple[str, str]]) -> tuple[int, int, int, int]:
        loaded = unchanged = refused = 0
        seen: set[str] = set()
        unknown_key = False
        for key, amount in rows:
            seen.add(key)
            if not key or not is_amount(amount):
                refused += 1
                unknown_key |= not key
            elif self.known.get(key, None) == amount:
                unchanged += 1
            else:
                loaded += 1
                self.known[key] = amount
        alive = [key for key, amount in self.known.items() if amount is not None]
        gone = [] if unknown_key else [key for key in alive if key not in seen]
        for key in gone:
            self.known[key] = None
        return loaded, unchanged, refused, len(gone)


@DELIVERED
@given(EXPORTS)
def test_full_exports_do_what_the_model_does(exports: list[list[tuple[str, str]]]) -> None:
    model = Model()
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder), columns={"id": "varchar", "amount": "decimal(18,2)"})
        for number, rows in enumerate(exports, start=1):
            shop.deliver(f"2025-01-{number:02}", csv_of(rows))
        loads = shop.land()
        counted = [
            (load.loaded_rows, load.unchanged_rows, load.quarantined_rows, load.deleted_rows)
            for load in loads
        ]
        assert counted == [model.deliver(rows) for rows in exports]
        assert [load.delivered_rows for load in loads] == [len(rows) for rows in exports]
        assert last_known(shop) == {
            key: amount for key, amount in model.known.items() if amount is not None
        }
        assert shop.land() == []


def last_known(shop: Shop) -> dict[str, str]:
    texts = {None: "", "1.00": "1", "2.50": "2.50", "-3.00": "-3"}
    last: dict[str, str] = {}
    for key, amount, operation in shop.rows("id, amount::varchar, _op"):
        if operation == "delete":
            del last[key]
        else:
            last[key] = texts[amount]
    return last


@settings(max_examples=300, deadline=None, print_blob=True)
@given(st.text(alphabet='ab,"\n\r\0é', max_size=60), st.integers(1, 3))
def test_every_byte_belongs_to_one_record_or_to_a_blank_line(text: str, width: int) -> None:
    content = text.encode()
    records = list(split(io.BytesIO(content), Dialect(",", '"'), width))
    kept = b"".join(record.raw for record in records)
    blank = [line for line in content.split(b"\n") if not line.strip(b"\r")]
    assert kept.replace(b"\r", b"").replace(b"\n", b"") == content.replace(b"\r", b"").replace(
        b"\n", b""
    )
    assert len(content) - len(kept) <= sum(len(line) + 1 for line in blank)
    numbers = [record.line_number for record in records]
    assert numbers == sorted(set(numbers))


@DELIVERED
@given(st.binary(max_size=80).map(lambda noise: b"id,amount\n" + noise))
def test_noise_is_accounted_for(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder), columns={"id": "varchar", "amount": "decimal(18,2)"})
        load = shop.landed("2025-01-01", content)
        records = list(split(io.BytesIO(content), Dialect(",", '"'), 2))
        assert load.delivered_rows == len(records) - 1
        assert load.quarantined_rows == len(shop.refused())
        assert load.delivered_rows == (
            load.loaded_rows + load.unchanged_rows + load.quarantined_rows
        )
