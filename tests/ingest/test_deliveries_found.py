"""Which files are deliveries, and what their paths say about the extraction."""

from datetime import UTC, datetime

import pytest
from delivered import Shop

from ingest.delivery import pending, unread
from ingest.errors import DeliveryError
from ingest.loads import never_delivered, newest_extraction, oldest_extraction


def found(shop: Shop) -> list[tuple[str, datetime]]:
    source = shop.source()
    return [
        (delivery.name, delivery.extracted_at)
        for delivery in pending(source, source.tables[0], shop.deliveries)
    ]


def put(shop: Shop, *names: str) -> None:
    for name in names:
        path = shop.deliveries / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("id,amount,closed_on\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("pattern", "name", "instant"),
    [
        ("{extracted_at:%Y%m%dT%H%M%SZ}/d.csv", "20250630T213000Z/d.csv", (6, 30, 21, 30, 0)),
        ("{extracted_at:%Y%m%dT%H%M%S}/d.csv", "20250630T213000/d.csv", (6, 30, 19, 30, 0)),
        ("{extracted_at:%Y-%m-%d}/d.csv", "2025-06-30/d.csv", (6, 30, 21, 59, 59)),
        ("d_{extracted_at:%d%m%Y-%H%M}.csv", "d_30062025-2130.csv", (6, 30, 19, 30, 0)),
        ("{extracted_at:%Y/%m/%d}/d.csv", "2025/06/30/d.csv", (6, 30, 21, 59, 59)),
        ("*/d_{extracted_at:%Y%m%d}_*.csv", "x/d_20250630_1.csv", (6, 30, 21, 59, 59)),
        ("day={extracted_at:%Y%m%d}/d[1].csv", "day=20250630/d[1].csv", (6, 30, 21, 59, 59)),
    ],
)
def test_the_path_tells_the_instant(
    shop: Shop, pattern: str, name: str, instant: tuple[int, int, int, int, int]
) -> None:
    shop.terms = {"path": pattern, "time_zone": "Europe/Paris"}
    put(shop, name, "readme.txt", f"{name}.bak", f"{name}.part/x")
    assert found(shop) == [(name, datetime(2025, *instant, tzinfo=UTC))]


def test_deliveries_come_in_order_of_extraction(shop: Shop) -> None:
    put(shop, "2025-02-01/deals.csv", "2024-12-31/deals.csv", "2025-01-15/deals.csv")
    days = ["2024-12-31", "2025-01-15", "2025-02-01"]
    assert [name for name, _ in found(shop)] == [f"{day}/deals.csv" for day in days]
    assert oldest_extraction([shop.source()], shop.lake, shop.deliveries) == datetime(
        2024, 12, 31, 23, 59, 59, tzinfo=UTC
    )
    assert newest_extraction([shop.source()], shop.lake, shop.deliveries) == datetime(
        2025, 2, 1, 23, 59, 59, tzinfo=UTC
    )


def test_an_impossible_day_is_refused(shop: Shop) -> None:
    put(shop, "2025-02-30/deals.csv")
    with pytest.raises(DeliveryError, match="impossible instant") as refusal:
        found(shop)
    assert refusal.value.where.startswith("2025-02-30/deals.csv (day is out of range for month)")


def test_a_link_out_of_the_folder_is_refused(shop: Shop) -> None:
    secret = shop.home / "secret.csv"
    put(shop, "2025-01-01/x.csv")
    secret.write_text("id,amount,closed_on\n1,1,\n", encoding="utf-8")
    (shop.deliveries / "2025-01-01" / "deals.csv").symlink_to(secret)
    with pytest.raises(DeliveryError, match="leads out of the deliveries folder") as refusal:
        found(shop)
    assert refusal.value.where == "2025-01-01/deals.csv"


def test_no_delivery_at_all_says_what_is_expected(shop: Shop) -> None:
    with pytest.raises(DeliveryError, match="no delivery of source shop found under") as refusal:
        shop.land()
    assert "2025-12-31/deals.csv" in refusal.value.remedy
    assert not shop.lake.exists()
    assert newest_extraction([shop.source()], shop.lake, shop.deliveries) is None


def test_a_file_that_no_path_matches_is_named(shop: Shop) -> None:
    shop.terms = {"path": "crm/{extracted_at:%Y%m%d}/d.csv"}
    put(shop, "crm/20250630/d.csv", "crm/20250630/D.csv", "CRM/20250701/d.csv", "crm/.DS_Store")
    assert unread([shop.source()], shop.deliveries) == ["CRM/20250701/d.csv", "crm/20250630/D.csv"]


def test_a_table_that_never_came_is_named(shop: Shop) -> None:
    assert never_delivered([shop.source()], shop.lake) == ["shop.deals"]
    put(shop, "2025-02-01/deals.csv")
    shop.land()
    assert never_delivered([shop.source()], shop.lake) == []
