"""truth.json says what the files say: counted again here, from the files, by plain code."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from demo_company import Company, Row

from ingest.demo import write_deliveries
from ingest.demo.plan import CURRENCIES, FX_THOUSANDTHS, HOURLY_COSTS, PLAN, STAGES

DESK = Path(__file__).parents[3] / "dbt_project/companies/demo/desk"
PLACEHOLDERS = ("", "n/a", "-", "test", "?")


def desk(name: str) -> list[Row]:
    with (DESK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(company: Company, table: str) -> list[Row]:
    return list(company.latest("crm", table).values())


def test_the_desk_knows_the_planted_constants() -> None:
    rates = {(row["currency"], row["fiscal_year"]): row["rate"] for row in desk("fx_plan_rates")}
    for year, of_year in enumerate(FX_THOUSANDTHS, 2023):
        for currency, rate in zip(CURRENCIES, of_year, strict=True):
            assert Decimal(rates[(currency, str(year))]) * 1000 == rate
    stages = {row["stage_id"]: row["expected_days"] for row in desk("stages")}
    assert [int(stages[stage]) for stage in STAGES[:4]] == list(PLAN.expected_days)
    costs = {row["seniority"]: Decimal(row["hourly_cost"]) for row in desk("rep_costs")}
    assert costs == HOURLY_COSTS


def test_channel_conversion(company: Company) -> None:
    won = {
        row["id"]
        for row in rows(company, "opportunities")
        if row["stage"] == "closed_won" and row["is_deleted"] == "false"
    }
    counted: dict[str, dict[str, int]] = defaultdict(lambda: {"leads": 0, "converted": 0, "won": 0})
    for lead in rows(company, "leads"):
        if not lead["merged_into_id"]:
            channel = counted[lead["source"] or "unknown"]
            channel["leads"] += 1
            channel["converted"] += lead["status"] == "converted"
            channel["won"] += lead["opportunity_id"] in won
    assert counted == company.truth.realised["channels"]


def test_stage_win_rates(company: Company) -> None:
    entered = defaultdict(set)
    for row in rows(company, "opportunity_changes"):
        if row["field"] == "stage":
            entered[row["new_value"]].add(row["opportunity_id"])
    closed = {
        row["id"]: row["stage"] == "closed_won"
        for row in rows(company, "opportunities")
        if row["closed_at"] and row["is_deleted"] == "false"
    }
    counted = {
        stage: {
            "entered": len(entered[stage] & closed.keys()),
            "won": sum(closed.get(one, False) for one in entered[stage]),
        }
        for stage in STAGES[:4]
    }
    assert counted == company.truth.realised["stage_win_rates"]
    rates = [counted[stage]["won"] / counted[stage]["entered"] for stage in STAGES[:4]]
    assert rates == sorted(rates)


def test_overstay(company: Company) -> None:
    expected = {row["stage_id"]: row["expected_days"] for row in desk("stages")}
    closed = {
        row["id"]: row["stage"] == "closed_won"
        for row in rows(company, "opportunities")
        if row["closed_at"] and row["is_deleted"] == "false"
    }
    moves: dict[str, list[Row]] = defaultdict(list)
    for row in rows(company, "opportunity_changes"):
        if row["field"] == "stage" and row["opportunity_id"] in closed:
            moves[row["opportunity_id"]].append(row)
    counted = {
        stage: {name: {"visits": 0, "won": 0} for name in ("overstaying", "in_time")}
        for stage in STAGES[:4]
    }
    for deal, log in moves.items():
        for entry, leaving in pairwise(sorted(log, key=lambda row: int(row["sequence"]))):
            if entry["new_value"] in counted:
                stay = datetime.fromisoformat(leaving["changed_at"]) - datetime.fromisoformat(
                    entry["changed_at"]
                )
                is_long = stay > 1.5 * timedelta(days=int(expected[entry["new_value"]]))
                cell = counted[entry["new_value"]]["overstaying" if is_long else "in_time"]
                cell["visits"] += 1
                cell["won"] += closed[deal]
    assert counted == company.truth.realised["overstay"]


def test_no_shows(company: Company) -> None:
    territory = {row["id"]: row["territory"] for row in rows(company, "accounts")}
    counted: dict[str, dict[str, dict[str, int]]] = {"by_type": {}, "by_territory": {}}
    for row in rows(company, "activities"):
        if row["is_appointment"] == "false" or row["status"] not in ("held", "no_show"):
            continue
        for way, name in (("by_type", row["type"]), ("by_territory", territory[row["account_id"]])):
            cell = counted[way].setdefault(name, {"held": 0, "no_show": 0, "rebooked": 0})
            cell[row["status"]] += 1
            cell["rebooked"] += row["status"] == "no_show" and row["moved_to_id"] != ""
    assert counted == company.truth.realised["no_shows"]


def test_the_collapse_of_one_team(company: Company) -> None:
    team = {row["id"]: row["team"] for row in rows(company, "reps")}
    first: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows(company, "opportunity_changes"):
        if row["old_value"] == "":
            first[row["opportunity_id"]].setdefault(row["field"], row)
    counted = {
        place: {name: {"created": 0, "filled": 0} for name in ("before", "during", "after")}
        for place in ("team", "others")
    }
    for fields in first.values():
        created = fields["stage"]["changed_at"]
        place = "team" if team[fields["owner_id"]["new_value"]] == "South-2" else "others"
        when = (
            "before"
            if created < "2025-09-15"
            else ("during" if created < "2025-11-24" else "after")
        )
        step = fields.get("next_step", {"changed_at": "", "new_value": ""})
        cell = counted[place][when]
        cell["created"] += 1
        cell["filled"] += step["changed_at"] == created and step["new_value"] not in PLACEHOLDERS
    assert counted == company.truth.realised["collapse"]
    share = {when: cell["filled"] / cell["created"] for when, cell in counted["team"].items()}
    assert share["during"] < 0.6
    assert share["before"] > 0.8


def rate(currency: str, day: str) -> Decimal:
    return Decimal(FX_THOUSANDTHS[int(day[:4]) - 2023][CURRENCIES.index(currency)]) / 1000


def test_forecasts_against_what_was_won(company: Company) -> None:
    won: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows(company, "opportunities"):
        if row["stage"] == "closed_won" and row["is_deleted"] == "false":
            amount = Decimal(row["amount"]) * rate(row["currency"], row["close_date"])
            won[(row["owner_id"], row["close_date"][:7])] += amount
    stated: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rows(company, "forecast_submissions"):
        sums = stated[row["rep_id"]]
        sums[0] += Decimal(row["amount"])
        sums[1] += won[(row["rep_id"], row["month"][:7])]
    for rep, (forecast, actual) in stated.items():
        told = company.truth.realised["forecasts"][rep].values()
        assert forecast == sum(Decimal(one["stated"]) for one in told)
        # truth.json cuts each amount to whole cents of EUR.
        assert abs(actual - sum(Decimal(one["won"]) for one in told)) < 5


def test_biases_show_in_the_submissions(company: Company) -> None:
    planted = company.truth.planted["forecast_bias"]
    told = company.truth.realised["forecasts"]
    ratio = {}
    for rep, horizons in told.items():
        stated = sum(Decimal(one["stated"]) for one in horizons.values())
        won = sum(Decimal(one["won"]) for one in horizons.values())
        ratio[rep] = float(stated / won) if won else 1.0
    optimists = [rep for rep, bias in planted.items() if bias >= 1.35]
    assert sorted(ratio, key=lambda rep: -ratio[rep])[:3] == sorted(
        optimists, key=lambda rep: -ratio[rep]
    )


def invoiced(company: Company) -> dict[tuple[str, str], Decimal]:
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for table, sign in (("invoices", 1), ("credit_notes", -1)):
        for row in company.latest("invoicing", table).values():
            day = "-".join(reversed(row["issued_on"].split("/")))
            amount = Decimal(row["amount_net"].replace(",", ".")) * rate(row["currency"], day)
            total[(row["rep_id"], day[:7])] += sign * amount
    return total


def test_attainment_of_revenue(company: Company) -> None:
    actual = invoiced(company)
    targets = [row for row in rows(company, "objectives") if row["criterion"] == "revenue"]
    attained = sum(
        actual[(row["rep_id"], row["month"][:7])] >= Decimal(row["target"]) for row in targets
    )
    told = company.truth.realised["attainment"]["revenue"]
    assert told == {"rep_months": len(targets), "attained": attained}


def test_weights_of_a_month_add_up_to_one(company: Company) -> None:
    weights: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows(company, "objectives"):
        weights[(row["rep_id"], row["month"])] += Decimal(row["weight"])
    assert set(weights.values()) == {Decimal(1)}


def test_planted_orders_hold_at_full_size(tmp_path: Path) -> None:
    told = write_deliveries(tmp_path, scale=1, daily_days=1).realised
    segments = told["segments"]
    cost = {
        name: (Decimal(one["marketing_spend"]) + Decimal(one["effort_cost"]))
        / one["first_time_customers"]
        for name, one in segments.items()
    }
    assert sorted(cost, key=lambda name: -cost[name]) == ["Gold", "Silver", "Bronze"]
    assert max(segments, key=lambda name: Decimal(segments[name]["net"])) == "Silver"
    for visits in told["overstay"].values():
        late, in_time = (
            visits[name]["won"] / visits[name]["visits"] for name in ("overstaying", "in_time")
        )
        assert 0.45 < late / in_time < 0.75
    revenue = told["attainment"]["revenue"]
    assert revenue["attained"] / revenue["rep_months"] == pytest.approx(0.75, abs=0.01)
