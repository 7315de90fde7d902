"""The desk check: file, line and column of the first thing that cannot be used."""

import shutil
from pathlib import Path

import pytest

from expectations.errors import ExpectationsError
from orchestration.company import Company, find_company
from orchestration.desk import check_desk, keep_as_last_good, with_usable_desk
from orchestration.places import COMPANIES


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A copy of the demo company, to be spoilt."""
    shutil.copytree(COMPANIES / "demo", tmp_path / "copy")
    return find_company(str(tmp_path / "copy"))


def complaint(company: Company) -> str:
    with pytest.raises(ExpectationsError) as caught:
        check_desk(company)
    return str(caught.value)


def spoil(company: Company, file: str, old: str, new: str) -> None:
    path = company.desk / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_demo_companys_desk_is_in_order(company):
    check_desk(company)


def test_a_missing_file_is_told_with_the_header_it_needs(company):
    (company.desk / "segments.csv").unlink()

    assert "segments.csv is missing" in complaint(company)
    assert "segment_id,segment_label,position" in complaint(company)


def test_a_desk_of_an_older_release_is_told_where_its_columns_went(company):
    """Whoever only takes the columns out, as they are unknown, has lost the criteria."""
    (company.desk / "segments.csv").write_text(
        "segment_id,segment_label,position,industries,criteria_since\n"
        "Gold,Gold,1,automotive|chemistry,\n"
    )
    message = complaint(company)

    assert "The column 'industries' is unknown" in message
    assert (
        "Move what industries and criteria_since say to segment_criteria.csv, a line "
        "segment_id,industries,since per segment (see CHANGELOG.md). "
        "Use exactly these columns: segment_id,segment_label,position"
    ) in message


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "mandatory_fields.csv",
            "opportunities,amount_doc,,qualification,",
            "opportunities,amount_doc,,qualifcation,",
            ["'qualifcation' is no stage", "'qualification'?", "line 2, column required_from"],
        ),
        (
            "mandatory_fields.csv",
            "opportunities,amount_doc,",
            "opportunities,amount,",
            ["'amount' is no field of opportunities", "'amount_doc'?", "line 2, column field"],
        ),
        (
            "mandatory_fields.csv",
            "opportunities,amount_doc,",
            "opportunity,amount_doc,",
            ["'opportunity' is no entity", "line 2, column entity"],
        ),
        ("stages.csv", "position", "pos", ["column 'pos' is unknown", "line 1"]),
        ("stages.csv", ",expected_days", "", ["column 'expected_days' is missing", "line 1"]),
        ("stages.csv", "Discovery,2,", "Discovery,two,", ["'two' is no integer", "line 3"]),
        ("stages.csv", "Discovery,2,false", "Discovery,2,no", ["'no' is no boolean", "is_closed"]),
        ("segments.csv", "Gold,Gold,1", "Gold,Gold", ["2 values, the header 3", "line 2"]),
        (
            "segment_criteria.csv",
            "Silver,food",
            "Gold,food",
            ["'Gold' has other criteria from the same day in line 2", "line 3, column segment_id"],
        ),
        ("segment_criteria.csv", "Silver,", "Sliver,", ["'Sliver' is no segment", "'Silver'?"]),
        (
            "segment_criteria.csv",
            "food|packaging|metal",
            "food; packaging;metal",
            ["semicolons", "line 3, column industries", "Write food|packaging|metal."],
        ),
        ("segment_criteria.csv", "chemistry,", "chemistry,May", ["'May' is no date", "since"]),
        ("rep_costs.csv", "38.00", "38,00", ["3 values, the header 2", "double quotes"]),
        ("fx_plan_rates.csv", "1.000000", "1.0e0", ["'1.0e0' is no decimal"]),
        ("fx_plan_rates.csv", "EUR,2023,1.0", "EUR,2023,1.1", ["EUR, the reporting currency"]),
        ("holidays.csv", "2023-01-01", "20230101", ["'20230101' is no date"]),
        ("sales_models.csv", "Gold,key", "Golt,key", ["'Golt' is no segment", "'Gold'?"]),
        ("sales_models.csv", "Gold,key_account", "Gold,spot", ["'spot' is no sales_model"]),
        (
            "qualification_grid.csv",
            "v1,stakes,Stakes named,1",
            "v1,organisation,Stakes named,1",
            ["is there twice in the grid v1", "line 4"],
        ),
        ("qualification_grid.csv", "named,1,4", "named,0,4", ["is not above 0", "weight"]),
        ("reference_ranges.csv", "win_rate,key", "win_rat,key", ["'win_rat' is no KPI"]),
        ("reference_ranges.csv", "0.15,0.40", "0.50,0.40", ["is above high (0.40)", "line 2"]),
        ("reference_ranges.csv", "0.15,0.40", ",", ["there is no range", "column low"]),
        ("objective_schemes.csv", "margin_rate,0.20,", "margin_rate,0.30,", ["add up to 1.10"]),
        (
            "objective_schemes.csv",
            "margin_rate,0.20,",
            "margin_rate,,",
            ["other criteria of", "weight"],
        ),
        ("objective_schemes.csv", ",team,0.80,", ",team,,", ["collective_scope need each other"]),
        ("objective_schemes.csv", "false,services", "false,", ["says nothing", "column offer"]),
        ("objective_schemes.csv", "true,\n", "true,machines\n", ["which is of all products"]),
        ("objective_schemes.csv", "0.50,1.50", "0.50,0.90", ["below 1: nobody could attain"]),
        ("objective_schemes.csv", "means,meetings,", "means,dinners,", ["'dinners' is no measure"]),
        (
            "objective_schemes.csv",
            "current,meetings",
            "current,revenue",
            ["there twice in the scheme"],
        ),
        ("stages.csv", "Discovery,2,", "Discovery,20000000000,", ["is no integer"]),
        (
            "stages.csv",
            "0.25,30",
            "25,30",
            ["'25' is above 1", "line 3, column default_probability"],
        ),
        ("stages.csv", "0.25,30", "-0.25,30", ["'-0.25' is below 0"]),
        ("stages.csv", "0.25,30", "0.25,0", ["'0' is not above 0", "line 3, column expected_days"]),
        ("stages.csv", "Discovery,2,", "Discovery,1,", ["'1' is there twice", "column position"]),
        ("stages.csv", "5,true,true", "5,false,true", ["is for closed stages", "column is_won"]),
        ("stages.csv", "5,true,true", "5,true,false", ["In no stage a deal is won"]),
        ("stages.csv", "2,false,false", "2,,false", ["'' says nothing", "is_closed"]),
        ("placeholders.csv", "tbd,", "xxx,", ["'xxx' is there twice"]),
        ("kpis.csv", ",up,", ",sideways,", ["'sideways' is no good_direction", "up, down, zero"]),
        (
            "thresholds.csv",
            "freshness,crm.opportunities",
            "freshness,crm.oportunities",
            ["'crm.oportunities' is no delivered table", "'crm.opportunities'?", "column entity"],
        ),
        (
            "thresholds.csv",
            "freshness,invoicing.invoices",
            "freshness,erp.invoices",
            ["'erp.invoices' is no delivered table", "column entity"],
        ),
        (
            "custom_fields.csv",
            "crm,accounts",
            "cmr,accounts",
            ["'cmr' is no source", "'crm'?", "line 2, column source_name"],
        ),
        (
            "custom_fields.csv",
            "crm,accounts",
            "crm,account",
            ["'account' is no table of crm", "'accounts'?", "line 2, column table_name"],
        ),
        (
            "custom_fields.csv",
            "machine_park_size,bigint",
            "machine_park_size,whole",
            ["'whole' is no type of a column", "decimal(18,2)", "line 2, column data_type"],
        ),
        (
            "alert_routes.csv",
            "*,invoices,",
            "*,invoice,",
            ["'invoice' is no entity that an alert can be about", "'invoices'?", "column entity"],
        ),
        (
            "alert_routes.csv",
            "sales_ops,error",
            "sales_opps,error",
            ["'sales_opps' is no owner of any rule", "'sales_ops'?", "line 4, column owner"],
        ),
        # An opening quote that is never closed swallows what follows; a stray one is a slip.
        ("segments.csv", "Gold,Gold", 'Gold,"Gold', ["quotes are not in order", "line"]),
        ("segments.csv", "Gold,Gold", '"Go"ld,Gold', ["quotes are not in order", "line 2"]),
    ],
)
def test_a_fault_is_told_with_file_line_and_column(company, file, old, new, told):
    spoil(company, file, old, new)
    message = complaint(company)

    assert [part for part in told if part not in message] == []
    assert str(company.desk / file) in message
    assert "what to do" in message


def test_rates_in_another_currency_than_the_reports_are_refused(company):
    settings = company.folder / "company.yml"
    settings.write_text(settings.read_text().replace("currency: EUR", "currency: CHF"))

    message = complaint(find_company(str(company.folder)))
    assert "these rates are in EUR, while the company reports in CHF" in message


@pytest.fixture
def lenient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company that would rather run with yesterday's rules than not at all."""
    monkeypatch.setenv("PILOTAGE_HOME", str(tmp_path / "home"))
    shutil.copytree(COMPANIES / "demo", tmp_path / "copy")
    settings = tmp_path / "copy/company.yml"
    settings.write_text(settings.read_text() + "keep_last_good_desk: true\n")
    return find_company(str(tmp_path / "copy"))


def test_the_last_good_desk_takes_the_place_of_one_that_cannot_be_used(lenient):
    keep_as_last_good(with_usable_desk(lenient))
    spoil(lenient, "stages.csv", "Discovery,2,", "Discovery,two,")

    company = with_usable_desk(lenient)

    assert company.desk == lenient.last_good_desk
    assert "Discovery,2," in (company.desk / "stages.csv").read_text()
    assert "'two' is no integer" in company.desk_fault
    assert "line 3" in company.desk_fault
    # What is used instead must not become the good one of a later day by being kept again.
    keep_as_last_good(company)
    assert "Discovery,2," in (lenient.last_good_desk / "stages.csv").read_text()


def test_without_a_last_good_desk_a_wrong_one_is_refused(lenient):
    spoil(lenient, "stages.csv", "Discovery,2,", "Discovery,two,")

    assert "'two' is no integer" in complaint(lenient)
    with pytest.raises(ExpectationsError):
        with_usable_desk(lenient)


def test_a_company_that_does_not_say_so_never_runs_with_old_rules(company):
    assert not company.keeps_last_good_desk
    keep_as_last_good(company)
    assert not company.last_good_desk.exists()
