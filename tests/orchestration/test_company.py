"""company.yml: each fault gets one message that names file, key and remedy."""

import traceback
from pathlib import Path

import pytest

from orchestration.company import Company, find_company
from orchestration.company_file import CompanyError
from orchestration.dbt_settings import (
    conformed_entities,
    dbt_environment,
    dbt_vars,
    ruled_fields,
)

GOOD = {
    "name": "acme",
    "label": "Acme",
    "deliveries": "exports",
    "sources": "[crm]",
    "business_tz": "Europe/Paris",
    "reporting_currency": "EUR",
    "fiscal_year_start_month": "4",
}


def company_folder(folder: Path, **changes: str | None) -> Path:
    """A company's folder; a change of None leaves the key out."""
    folder.mkdir(exist_ok=True)
    settings = {**GOOD, **changes}
    lines = [f"{key}: {value}" for key, value in settings.items() if value is not None]
    (folder / "company.yml").write_text("\n".join(lines))
    return folder


def complaint(folder: Path) -> str:
    with pytest.raises(CompanyError) as caught:
        find_company(str(folder))
    return str(caught.value)


def test_an_inbox_keeps_its_originals_for_a_year(tmp_path):
    company = find_company(str(company_folder(tmp_path / "acme", inbox="drop")))
    assert company.inbox == tmp_path / "acme/drop"
    assert (company.settle_seconds, company.keep_originals_days) == (60, 366)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"inbox": "exports/in"}, "'inbox' lies in deliveries"),
        ({"inbox": "."}, "'inbox' lies in deliveries, or they in it"),
        ({"inbox": "in", "keep_originals_days": "0"}, "would then be nowhere"),
        ({"keep_originals_days": "-1"}, "'keep_originals_days' is -1"),
        ({"settle_seconds": "soon"}, "'settle_seconds' is 'soon', not a whole number"),
        ({"inbox": "${NO_SUCH_PLACE}/in"}, "'inbox' needs the environment variable"),
    ],
)
def test_an_inbox_that_cannot_be_used_is_refused(tmp_path, changes, told):
    message = complaint(company_folder(tmp_path / "acme", **changes))
    assert told in message
    assert "company.yml, line" in message


def test_a_source_of_its_own_that_sources_does_not_name_is_refused_at_once(tmp_path):
    folder = company_folder(tmp_path / "acme")
    own = folder / "models" / "staging" / "kiosk"
    own.mkdir(parents=True)
    (folder / "models" / "staging" / "readme.md").write_text("")
    assert find_company(str(folder)).sources == ("crm",)
    (own / "stg_kiosk__opportunities.sql").write_text("select 1 as one\n")
    message = complaint(folder)
    assert f"'sources' does not name 'kiosk', which lies in {own}" in message
    assert "company.yml, line 4" in message
    assert "Name it too, or take that folder out." in message
    (own / "_kiosk__sources.yml").write_text("version: 2\n")
    company_folder(folder, sources="[crm, kiosk]")
    assert find_company(str(folder)).sources == ("crm", "kiosk")


def test_a_company_is_read_from_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOTAGE_HOME", str(tmp_path / "home"))
    folder = company_folder(tmp_path / "acme")

    assert find_company(str(folder)) == Company(
        name="acme",
        label="Acme",
        folder=folder,
        home=tmp_path / "home/acme",
        desk=folder / "desk",
        deliveries=folder / "exports",
        sources=("crm",),
        business_tz="Europe/Paris",
        reporting_currency="EUR",
        fiscal_year_start_month=4,
        fiscal_calendar="months",
        keeps_last_good_desk=False,
    )


def test_a_fiscal_year_of_weeks_is_handed_to_dbt(tmp_path):
    folder = company_folder(tmp_path / "acme", fiscal_calendar="4-4-5")
    (folder / "desk").mkdir()
    (folder / "desk" / "mandatory_fields.csv").write_text("rule_id,entity,field\n")
    company = find_company(str(folder))

    assert company.fiscal_calendar == "4-4-5"
    assert dbt_vars(company)["fiscal_calendar"] == "4-4-5"


def test_who_is_a_customer_and_when_a_cost_bears_fruit_is_handed_to_dbt(tmp_path):
    folder = company_folder(
        tmp_path / "acme", customer_from="first_paid", acquisition_lag_months="3"
    )
    (folder / "desk").mkdir()
    (folder / "desk" / "mandatory_fields.csv").write_text("rule_id,entity,field\n")
    handed = dbt_vars(find_company(str(folder)))

    assert (handed["customer_from"], handed["acquisition_lag_months"]) == ("first_paid", 3)


def test_a_company_is_found_by_name():
    company = find_company("demo")

    assert company.is_demo
    assert list(company.declarations()) == ["crm", "invoicing", "marketing"]
    assert company.deliveries == company.home / "deliveries"


def test_a_variable_in_deliveries_is_taken_from_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPORTS", "shared/exports")
    folder = company_folder(tmp_path / "acme", deliveries="${EXPORTS}/crm")

    assert find_company(str(folder)).deliveries == tmp_path / "shared/exports/crm"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sources": None}, ["'sources' is missing", "Add a line `sources: ...`"]),
        ({"reporting_curency": "EUR"}, ["'reporting_curency' is unknown", "'reporting_currency'?"]),
        ({"sources": "crm"}, ["'sources' is 'crm', not a list"]),
        ({"sources": "[]"}, ["'sources' is empty", "crm, hubspot, invoicing, koban, marketing"]),
        ({"sources": "[crm, crm]"}, ["names a source twice"]),
        ({"sources": "[cmr]"}, ["'cmr', which is not declared (did you mean 'crm'?)"]),
        ({"fiscal_year_start_month": "april"}, ["'april', not a whole number"]),
        ({"fiscal_year_start_month": "true"}, ["True, not a whole number"]),
        ({"fiscal_year_start_month": "13"}, ["is 13", "from 1 to 12"]),
        ({"fiscal_calendar": "4-5-4"}, ["is '4-5-4'", "one of: months, 4-4-5"]),
        ({"fiscal_calendar": "445"}, ["445, not a text"]),
        ({"customer_from": "signed"}, ["is 'signed'", "first_won, first_invoiced, first_paid"]),
        ({"acquisition_lag_months": "-1"}, ["is -1", "0 to 36 months"]),
        ({"business_tz": "Paris"}, ["'Paris', no time zone", "Europe/Paris"]),
        ({"reporting_currency": "euro"}, ["'euro'", "ISO 4217"]),
        ({"language": "de"}, ["'de'", "en, fr"]),
        ({"name": "../acme"}, ["'name' is '../acme'"]),
        ({"deliveries": "${NO_SUCH_FOLDER}/x"}, ["NO_SUCH_FOLDER, which is not set", "export"]),
        ({"label": "[unclosed"}, ["company.yml is no YAML", "expected ',' or ']'"]),
        ({"yes": "x"}, ["The key True is unknown"]),
        ({"keep_last_good_desk": "yes please"}, ["'yes please', not true or false"]),
    ],
    ids=lambda value: next(iter(value.items())) if isinstance(value, dict) else "",
)
def test_a_fault_is_told_with_file_key_and_remedy(tmp_path, changes, told):
    folder = company_folder(tmp_path / "acme", **changes)
    message = complaint(folder)

    assert [part for part in told if part not in message] == []
    assert str(folder / "company.yml") in message
    assert "what to do" in message


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"deliveries": "sftp://u:p4ssw0rd@host/x"}, "'deliveries' is an address, not a folder"),
        ({"inbox": "sftp://u:p4ssw0rd@host/x"}, "'inbox' is an address, not a folder"),
        ({"sources": '["postgresql://u:p4ssw0rd@host/x"]'}, "names 'postgresql://***@host/x'"),
        ({"name": "https://u:p4ssw0rd@host/x"}, "'name' is 'https://***@host/x'"),
        ({"label": "[https://u:p4ssw0rd@host/x"}, "company.yml is no YAML"),
    ],
)
def test_a_password_in_an_address_is_not_quoted(tmp_path, changes, told):
    message = complaint(company_folder(tmp_path / "acme", **changes))
    assert told in message
    assert "p4ssw0rd" not in message


PASTED = {
    "a colon": ("s3cr3t: is", "line 2, column 14"),
    "an alias": ("*s3cr3t", "line 2, column 8"),
    "a tag": ("!s3cr3t x", "line 2, column 8"),
    "a quote that does not end": ('"s3cr3t', "line 7, column"),
    "a day that is none": ("2025-13-45 # s3cr3t", "line 2, column 8"),
    "a number that is none": ("!!int s3cr3t", "line 2, column 8"),
    "a choice that is none": ("!!bool s3cr3t", "line 2, column 8"),
    "an instant that is none": ("!!timestamp s3cr3t", "line 2, column 8"),
    "what is nested too deep": ("[" * 5_000 + "s3cr3t", ""),
    "a sign that may not be": ("s3cr3t\x01", "character"),
}


@pytest.mark.parametrize("pasted", PASTED, ids=str)
def test_a_secret_in_a_line_that_is_no_yaml_is_not_quoted(tmp_path, pasted):
    text, spot = PASTED[pasted]
    folder = company_folder(tmp_path / "acme", label=text)
    with pytest.raises(CompanyError, match="is no YAML") as caught:
        find_company(str(folder))
    assert "s3cr3t" not in "".join(traceback.format_exception(caught.value))
    assert f"{folder / 'company.yml'}, {spot}".removesuffix(", ") in caught.value.where


def test_the_line_of_a_wrong_value_is_named_and_no_key_comes_twice(tmp_path):
    folder = company_folder(tmp_path / "acme", business_tz="Paris")
    path = folder / "company.yml"
    line = path.read_text().splitlines().index("business_tz: Paris") + 1
    assert f"company.yml, line {line}\n" in complaint(folder)

    path.write_text(path.read_text().replace("Paris", "Europe/Paris") + "\nlabel: Acme again\n")
    assert "'label' is there twice" in complaint(folder)


def test_an_unknown_company_is_told_with_those_that_are_known(tmp_path):
    message = complaint(Path("demmo"))

    assert "Unknown company 'demmo' (did you mean 'demo'?)" in message
    assert "one of: demo" in message


def test_dbt_is_told_where_a_company_outside_the_tree_lies(tmp_path):
    company = find_company(str(company_folder(tmp_path / "acme")))
    environment = dbt_environment(company)

    relative = Path(environment["PILOTAGE_COMPANY_DIR"])
    assert not relative.is_absolute()
    assert (Path(environment["DBT_PROJECT_DIR"]) / relative).resolve() == company.folder


def test_entities_come_from_the_staging_models_of_the_enabled_sources(tmp_path):
    folder = company_folder(tmp_path / "acme", sources="[shop, invoicing]")
    own = folder / "models/staging/shop"
    own.mkdir(parents=True)
    (own / "_shop__sources.yml").touch()
    (own / "stg_shop__invoices.sql").touch()
    entities = conformed_entities(find_company(str(folder)))

    assert entities["invoices"] == ["shop", "invoicing"]
    assert entities["payments"] == ["invoicing"]
    assert "opportunities" not in entities


def test_a_staging_model_that_is_all_but_called_like_an_entity_is_refused(tmp_path):
    folder = company_folder(tmp_path / "acme", sources="[shop]")
    own = folder / "models/staging/shop"
    own.mkdir(parents=True)
    (own / "_shop__sources.yml").touch()
    (own / "stg_shop__opportunity_events.sql").touch()
    company = find_company(str(folder))
    assert "opportunity_events" in conformed_entities(company)

    (own / "stg_shop__opportunity.sql").touch()
    with pytest.raises(CompanyError, match="feeds nothing") as caught:
        conformed_entities(company)
    assert "Call it stg_shop__opportunities" in str(caught.value)


def test_ruled_fields_are_the_desks():
    fields = ruled_fields(find_company("demo"))

    assert fields["opportunities"][:2] == ["amount_doc", "expected_close_date"]
