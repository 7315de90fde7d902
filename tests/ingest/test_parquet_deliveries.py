"""Parquet deliveries: columns by name, each value without loss or not at all."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delivered import Shop, counts

from ingest.errors import DeliveryError
from ingest.loads import Load

NOON = datetime(2025, 6, 30, 12)  # noqa: DTZ001 - a naive instant is what is tried


def deliver(shop: Shop, **columns: pa.Array) -> Path:
    path = shop.deliveries / "2025-01-01" / "deals.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def landed(shop: Shop, declared: str, values: pa.Array) -> Load:
    """Land a table of an id and one column `value`."""
    shop.columns = {"id": "varchar", "value": declared}
    shop.terms |= {"format": "parquet", "path": "{extracted_at:%Y-%m-%d}/deals.parquet"}
    ids = pa.array([str(number) for number in range(len(values))])
    deliver(shop, value=values, id=ids)
    (load,) = shop.land()
    return load


@pytest.mark.parametrize(
    ("declared", "given", "kept"),
    [
        ("bigint", pa.array([1, None, -3], pa.int32()), [1, None, -3]),
        ("bigint", pa.array([17850.0, 0.5, 2.0**60, float("nan")]), [17850]),
        ("bigint", pa.array(["7", "7.0", ""]), [7, None]),
        ("bigint", pa.array([2**63 - 1, 2**63], pa.uint64()), [2**63 - 1]),
        ("decimal(6,2)", pa.array([2.55, 2.555, 1e4, float("inf")]), [Decimal("2.55")]),
        ("decimal(6,2)", pa.array([12, 123456]), [Decimal("12.00")]),
        (
            "decimal(6,2)",
            pa.array([Decimal("1.250"), Decimal("1.255")], pa.decimal128(10, 3)),
            [Decimal("1.25")],
        ),
        ("double", pa.array([0.1, float("nan"), float("-inf")]), [0.1]),
        ("boolean", pa.array([True, None, False]), [True, None, False]),
        ("boolean", pa.array([0, 1, 2]), [False, True]),
        ("date", pa.array([date(2025, 6, 30)]), [date(2025, 6, 30)]),
        ("date", pa.array([NOON, NOON.replace(hour=0)], pa.timestamp("us")), [date(2025, 6, 30)]),
        ("varchar", pa.array(["a", "", " b "]), ["a", None, " b "]),
        ("varchar", pa.array([8, None]), ["8", None]),
    ],
)
def test_values_keep_their_worth_or_are_refused(
    shop: Shop, declared: str, given: pa.Array, kept: list[object]
) -> None:
    load = landed(shop, declared, given)
    assert [value for (value,) in shop.rows("value")] == kept
    assert counts(load) == (len(kept), 0, len(given) - len(kept), 0)
    assert load.delivered_rows == len(given)


def test_an_instant_that_says_utc_is_utc_and_a_naive_one_is_local(shop: Shop) -> None:
    shop.terms = {"time_zone": "America/New_York"}
    landed(shop, "timestamp", pa.array([NOON], pa.timestamp("us", tz="UTC")))
    assert shop.rows("value") == [(NOON,)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_naive_instant_is_local(shop: Shop, unit: str) -> None:
    shop.terms = {"time_zone": "America/New_York"}
    landed(shop, "timestamp", pa.array([NOON], pa.timestamp(unit)))
    assert shop.rows("value") == [(NOON.replace(hour=16),)]


def test_a_refused_row_is_kept_as_json(shop: Shop) -> None:
    landed(shop, "bigint", pa.array([1.0, 1.5]))
    assert shop.refused() == [(None, "value", "<1.5> is no bigint", '{"value":1.5,"id":"1"}')]


def test_an_empty_key_is_refused(shop: Shop) -> None:
    shop.columns = {"id": "bigint"}
    shop.terms = {"format": "parquet", "path": "{extracted_at:%Y-%m-%d}/deals.parquet"}
    deliver(shop, id=pa.array([1, None]))
    assert counts(shop.land()[0]) == (1, 0, 1, 0)
    assert shop.refused() == [(None, "id", "the key is empty", '{"id":null}')]


@pytest.mark.parametrize(
    ("column", "values", "complaint"),
    [
        ("worth", pa.array([1]), "declared column 'value'"),
        ("value", pa.array([[1]]), "column 'value' holds BIGINT\\[\\], declared is bigint"),
        ("value", pa.array([NOON]), "column 'value' holds TIMESTAMP, declared is bigint"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    shop: Shop, column: str, values: pa.Array, complaint: str
) -> None:
    shop.columns = {"id": "varchar", "value": "bigint"}
    shop.terms = {"format": "parquet", "path": "{extracted_at:%Y-%m-%d}/deals.parquet"}
    deliver(shop, id=pa.array(["a"]), **{column: values})
    with pytest.raises(DeliveryError, match=complaint) as refusal:
        shop.land()
    assert "2025-01-01/deals.parquet" in refusal.value.where


def test_a_truncated_file_is_refused(shop: Shop) -> None:
    shop.columns = {"id": "varchar"}
    shop.terms = {"format": "parquet", "path": "{extracted_at:%Y-%m-%d}/deals.parquet"}
    path = deliver(shop, id=pa.array(["a"] * 1000))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DeliveryError, match="no whole Parquet file"):
        shop.land()


def test_an_unknown_column_is_kept(shop: Shop) -> None:
    shop.columns = {"id": "varchar"}
    shop.terms = {"format": "parquet", "path": "{extracted_at:%Y-%m-%d}/deals.parquet"}
    moments = pa.array([datetime(2025, 1, 1, tzinfo=UTC)])
    deliver(shop, id=pa.array(["a"]), mood=pa.array([3]), seen=moments)
    (load,) = shop.land()
    assert load.extra_columns == ("mood", "seen")
    assert shop.rows("_extra") == [('{"mood":3,"seen":"2025-01-01 00:00:00+00"}',)]


def test_deliveries_a_moment_apart_are_not_taken_for_one_another(shop: Shop) -> None:
    """DuckDB remembers what it read of a path; with one path for all, old pages came back."""
    shop.columns = {"id": "varchar", "value": "varchar"}
    shop.terms |= {
        "format": "parquet",
        "mode": "incremental",
        "path": "{extracted_at:%Y-%m-%d}/deals.parquet",
    }
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 4) for day in range(1, 29)]
    for day in days:
        path = shop.deliveries / day / "deals.parquet"
        path.parent.mkdir(parents=True)
        text = pa.array([f"{day}-{number}" for number in range(2000)])
        pq.write_table(pa.table({"id": text, "value": text}), path, compression="zstd")
    assert [load.loaded_rows for load in shop.land()] == [2000] * len(days)
    assert len(set(shop.rows("id, value"))) == 2000 * len(days)
