"""The declaration of a source: what is read from it and what is refused."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from delivered import Shop

from ingest.contract import read_source
from ingest.errors import ContractError

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"


@pytest.mark.parametrize(("name", "tables"), [("crm", 11), ("invoicing", 6), ("marketing", 5)])
def test_the_sources_of_the_project_are_read(name: str, tables: int) -> None:
    source = read_source(STAGING / name / f"_{name}__sources.yml")
    assert (source.name, len(source.tables)) == (name, tables)


def test_a_table_overrides_the_terms_of_its_source() -> None:
    source = read_source(STAGING / "marketing" / "_marketing__sources.yml")
    visits = source.table("page_visits")
    assert (visits.terms.format, visits.terms.mode) == ("parquet", "incremental")
    assert visits.terms.time_zone == "America/New_York"
    lines = read_source(STAGING / "invoicing" / "_invoicing__sources.yml").table("invoice_lines")
    assert lines.keys == ("invoice_id", "line_number")
    assert (lines.terms.delimiter, lines.terms.decimal) == (";", ",")
    assert [column.digits for column in lines.columns[3:5]] == [(18, 3), (18, 4)]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2025-12-31T21:30:00Z", datetime(2025, 12, 31, 21, 30, tzinfo=UTC)),
        ("2025-12-31 21:30:00", datetime(2025, 12, 31, 20, 30, tzinfo=UTC)),
        ("2025-12-31", datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("2025-07-14", datetime(2025, 7, 14, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_fixed_instant_is_local_unless_it_says_otherwise(
    shop: Shop, written: str, instant: datetime
) -> None:
    shop.terms = {"path": "deals.csv", "extracted_at": written, "time_zone": "Europe/Paris"}
    assert shop.source().tables[0].terms.extracted_at == instant


def test_only_what_decides_the_reading_changes_the_version(shop: Shop) -> None:
    before = shop.source().tables[0].contract_version
    shop.terms = {"max_vanished_share": 0.5}
    assert shop.source().tables[0].contract_version == before
    shop.terms = {"decimal": ","}
    assert shop.source().tables[0].contract_version != before


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        ({"path": ""}, "'path' is missing"),
        ({"path": "/etc/{extracted_at:%Y%m%d}"}, "must be relative"),
        ({"path": "../{extracted_at:%Y%m%d}"}, "must be relative"),
        ({"path": "{day:%Y%m%d}.csv"}, "unknown placeholder {day}"),
        ({"path": "{extracted_at:%Y%q}.csv"}, "needs %Y %m %d"),
        ({"path": "deals.csv"}, "nothing tells when 'deals.csv' was extracted"),
        ({"format": "xls"}, "format 'xls' is unknown"),
        ({"mode": "sometimes"}, "mode 'sometimes' is unknown"),
        ({"delimeter": ";"}, "unknown key 'delimeter'"),
        ({"delimiter": ";;"}, "delimiter must be one ASCII character"),
        ({"time_zone": "Europe/Pariss"}, "unknown time_zone 'Europe/Pariss'"),
        ({"encoding": "utf-9"}, "unknown encoding 'utf-9'"),
        ({"thousands": "-"}, "thousands '-' is unknown"),
        ({"thousands": ".", "decimal": "."}, "'.' cannot mark both decimals and thousands"),
        ({"time_zone": "detect"}, "time_zone of csv cannot be detected"),
        ({"format": "jsonl", "decimal": "detect"}, "decimal of jsonl cannot be detected"),
        ({"max_vanished_share": 20}, "max_vanished_share 20 is no share"),
        ({"extracted_at": "yesterday"}, "extracted_at 'yesterday' is no instant"),
        ({"connector": "carrier_pigeon"}, "connector 'carrier_pigeon' is unknown"),
        ({"connector": "postgres"}, "'path' has no meaning for what is fetched"),
    ],
)
def test_terms_that_cannot_be_followed_are_refused(
    shop: Shop, terms: dict[str, object], complaint: str
) -> None:
    shop.terms = terms
    with pytest.raises(ContractError) as refusal:
        shop.source()
    assert complaint in refusal.value.what
    assert "table deals" in refusal.value.where
    assert refusal.value.remedy


@pytest.mark.parametrize(
    ("columns", "keys", "complaint"),
    [
        ({"id": "text"}, ["id"], "unknown data_type 'text'"),
        ({"id": "decimal(2,4)"}, ["id"], "decimal(2,4) cannot exist"),
        ({"id": "varchar", "ID": "varchar"}, ["id"], "column 'ID' is declared twice"),
        ({"_row_hash": "varchar"}, [], "a column that the lake adds itself"),
        ({"id": "varchar"}, ["nr"], "key 'nr' is not a declared column"),
    ],
)
def test_columns_that_cannot_be_landed_are_refused(
    shop: Shop, columns: dict[str, str], keys: list[str], complaint: str
) -> None:
    shop.columns, shop.keys = columns, keys
    with pytest.raises(ContractError, match="deals") as refusal:
        shop.source()
    assert complaint in refusal.value.what


@pytest.mark.parametrize(
    ("data_type", "scale", "complaint"),
    [
        ("decimal(5,2)", "percent", ""),
        ("decimal(9,6)", "fraction", ""),
        ("decimal(5,2)", "per cent", "scale 'per cent' is unknown"),
        ("decimal(5,2)", 100, "scale 100 is unknown"),
        ("varchar", "percent", "varchar has no scale"),
    ],
)
def test_the_scale_of_a_share_is_one_of_two(
    shop: Shop, data_type: str, scale: object, complaint: str
) -> None:
    declared = shop.declaration()
    column = {"name": "chance", "data_type": data_type, "config": {"meta": {"scale": scale}}}
    declared["sources"][0]["tables"][0]["columns"].append(column)
    path = shop.home.parent / "_scales__sources.yml"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    if not complaint:
        assert read_source(path).tables[0].columns[-1].name == "chance"
        return
    with pytest.raises(ContractError, match="column chance") as refusal:
        read_source(path)
    assert complaint in refusal.value.what


@pytest.mark.parametrize(
    ("terms", "complaint"),
    [
        ({"mode": "incremental"}, "nothing tells what is new"),
        ({"mode": "incremental", "cursor": "amount"}, "cursor 'amount' is no declared column"),
        ({"cursor": "changed_on"}, "cursor 'changed_on' is no declared column"),
        ({"statement_timeout": "long"}, "statement_timeout 'long' is no number of seconds"),
        ({"format": "csv"}, "'format' has no meaning for what is fetched"),
    ],
)
def test_terms_of_fetching_that_cannot_be_followed_are_refused(
    shop: Shop, terms: dict[str, object], complaint: str
) -> None:
    declared = shop.declaration()
    (table,) = declared["sources"][0]["tables"]
    table["config"]["meta"]["delivery"] = {"connector": "mysql", **terms}
    path = shop.home.parent / "_shop__sources.yml"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(ContractError) as refusal:
        read_source(path)
    assert complaint in refusal.value.what
    assert refusal.value.remedy


def test_a_source_has_one_connector(shop: Shop) -> None:
    declared = shop.declaration()
    table = {**declared["sources"][0]["tables"][0], "name": "owners"}
    table["config"] = {"meta": {"keys": ["id"], "delivery": {"connector": "mysql"}}}
    declared["sources"][0]["tables"].append(table)
    path = shop.home.parent / "_shop__sources.yml"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(ContractError, match="its tables have several connectors"):
        read_source(path)


def test_a_slip_in_a_table_names_file_and_table(shop: Shop) -> None:
    declared = shop.declaration()
    declared["sources"][0]["tables"][0]["colunms"] = []
    path = shop.home.parent / "_slip__sources.yml"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(ContractError, match="unknown key 'colunms'") as refusal:
        read_source(path)
    assert str(path) in refusal.value.where


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "_x__sources.yml"
    path.write_text("sources: [", encoding="utf-8")
    with pytest.raises(ContractError, match="this is no YAML"):
        read_source(path)
    for pasted in (
        *("a: s3cr3t: x", "a: *s3cr3t", "a: !s3cr3t x", "a: 2025-13-45 # s3cr3t"),
        *("a: !!bool s3cr3t", "a: !!timestamp s3cr3t"),
    ):
        path.write_text(f"version: 2\n{pasted}\n", encoding="utf-8")
        with pytest.raises(ContractError, match="this is no YAML") as refusal:
            read_source(path)
        assert refusal.value.where.startswith(str(path))
        assert "line 2, column" in refusal.value.where
        assert "s3cr3t" not in "".join(traceback.format_exception(refusal.value))
