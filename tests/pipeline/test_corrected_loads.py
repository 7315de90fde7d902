"""A delivery that was overwritten under its name makes no history of what was never meant."""

from collections.abc import Sequence
from datetime import timedelta

from tests.pipeline.area import Area, Built, Row, Settings, build
from tests.pipeline.crm import change, deal, instant, lake
from tests.pipeline.desk import DESK
from tests.pipeline.scenario import DAY

BORN = "2025-05-01 09:00"
FIRST, SECOND, THIRD = (instant(f"2025-05-{day} 23:59:59") for day in (10, 11, 12))
# Of several deals in one delivery, and corrections of it one after the other.
CORRECTED, AGAIN = timedelta(microseconds=1), timedelta(microseconds=2)
LIVES = (
    deal("steady", BORN, log="none"),
    deal("moved", BORN, change("2025-05-12 12:00", "stage", "discovery"), log="none"),
)


def delivered(name: str, at: object, operation: str = "upsert", **values: str) -> Row:
    """A row of a file that bears its instant's second as its name."""
    record = next(row for row in lake(LIVES, [FIRST])["opportunities"] if row["id"] == "steady")
    stamp: Row = {"_key": name, "_op": operation, "_extracted_at": str(at)}
    return {**record, "id": name, **stamp, "_source_file": str(at)[:19], **values}


def of_loads(area: Area, *rows: Row, accounts: Sequence[Row] = ()) -> Built:
    """The marts of deals without a log, and of those that are delivered as ever."""
    tables = lake(LIVES, [FIRST, SECOND, THIRD])
    tables["accounts"] += accounts
    named = [{**row, "_source_file": row["_extracted_at"]} for row in tables["opportunities"]]
    tables["opportunities"] = [*named, *rows]
    return build(area, tables, DESK, Settings(DAY))


def told(built: Built, deal_id: str) -> list[tuple[object, ...]]:
    """The versions of a deal: its stage, its amount and when it came to them."""
    versions = [row for row in built.marts["fct_opportunity_versions"]
                if row["opportunity_id"] == deal_id]  # fmt: skip
    return [(row["stage_id"], row["amount_doc"], str(row["valid_from"])) for row in versions]


def moves(built: Built, deal_id: str) -> list[tuple[object, ...]]:
    """Its steps in the waterfall."""
    return [(row["bucket"], str(row["movement_date"]))
            for row in built.marts["fct_pipeline_movements"]
            if row["opportunity_id"] == deal_id]  # fmt: skip


def test_what_a_correction_takes_back_is_no_event_of_the_deal(area: Area) -> None:
    mistake = {"amount": "99000.00", "stage": "closed_won"}
    plain = of_loads(area, delivered("d", FIRST))
    back = of_loads(
        area,
        delivered("d", FIRST),
        delivered("d", SECOND, **mistake),
        delivered("d", SECOND + CORRECTED),
    )
    assert told(back, "d") == [("qualification", 1000, "2025-05-01 09:00:00")]
    assert back.fingerprints() == plain.fingerprints()


def test_the_last_of_several_corrections_is_the_one_event(area: Area) -> None:
    built = of_loads(
        area,
        delivered("d", FIRST),
        delivered("d", SECOND, amount="99000.00"),
        delivered("d", SECOND + CORRECTED, amount="9900.00"),
        delivered("d", SECOND + AGAIN, amount="990.00"),
    )
    once = of_loads(area, delivered("d", FIRST), delivered("d", SECOND, amount="990.00"))
    assert [version[:2] for version in told(built, "d")] == [
        ("qualification", 1000),
        ("qualification", 990),
    ]
    assert built.fingerprints() == once.fingerprints()


def test_a_correction_of_the_first_delivery_is_no_news_of_later(area: Area) -> None:
    """What came with a source's first delivery was known when it was typed in."""
    wrong = delivered("d", FIRST, stage="proposal")
    built = of_loads(area, wrong, delivered("d", FIRST + CORRECTED))
    assert built.fingerprints() == of_loads(area, delivered("d", FIRST)).fingerprints()
    late = of_loads(area, delivered("d", FIRST + CORRECTED))
    assert late.fingerprints() == built.fingerprints()


def test_a_deal_that_a_corrected_export_leaves_out_never_was(area: Area) -> None:
    ghost = delivered("ghost", SECOND)
    built = of_loads(area, ghost, delivered("ghost", SECOND + CORRECTED, "delete"))
    assert told(built, "ghost") == moves(built, "ghost") == []
    assert built.fingerprints() == of_loads(area).fingerprints()
    # It is one from the export on that holds it.
    shown = of_loads(
        area, ghost, delivered("ghost", SECOND + CORRECTED, "delete"), delivered("ghost", THIRD)
    )
    assert shown.fingerprints() == of_loads(area, delivered("ghost", THIRD)).fingerprints()


def test_what_was_known_before_the_correction_stays_known(area: Area) -> None:
    """A deal that the corrected export leaves out, but older ones held, is gone from then on."""
    rows = [delivered("d", FIRST), delivered("d", SECOND, amount="5.00")]
    built = of_loads(area, *rows, delivered("d", SECOND + CORRECTED, "delete"))
    gone = of_loads(area, rows[0], delivered("d", SECOND, "delete"))
    assert told(built, "d")[0] == ("qualification", 1000, "2025-05-01 09:00:00")
    assert built.fingerprints() == gone.fingerprints()


def test_two_files_of_one_instant_are_no_corrections_of_each_other(area: Area) -> None:
    built = of_loads(
        area,
        delivered("d", FIRST),
        delivered("d", SECOND, amount="5.00", _source_file="north"),
        delivered("d", SECOND + CORRECTED, amount="7.00", _source_file="south"),
    )
    assert [amount for _, amount, _ in told(built, "d")][-1] == 7


def test_a_segment_that_a_correction_takes_back_never_was(area: Area) -> None:
    account = lake(LIVES, [FIRST])["accounts"][0]
    mistake = {**account, "segment": "Silver", "_extracted_at": str(SECOND)}
    correction = {**account, "_extracted_at": str(SECOND + CORRECTED)}
    plain = of_loads(area)
    assert of_loads(area, accounts=[mistake, correction]).fingerprints() == plain.fingerprints()
    assert of_loads(area, accounts=[mistake]).fingerprints() != plain.fingerprints()
