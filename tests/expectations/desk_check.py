"""The desk held against the columns of a few tables."""

import pytest
from hand_made import Company

from expectations.desk.checking import QualityDesk, check_quality_desk
from expectations.errors import ExpectationsError

COLUMNS = {
    "opportunities": {
        "opportunity_id": "varchar",
        "record_type": "varchar",
        "stage_id": "varchar",
        "next_step": "varchar",
        "competitor": "varchar",
        "amount_doc": "decimal(18,2)",
        "discount": "decimal(18,2)",
        "is_deleted": "boolean",
        "expected_close_date": "date",
        "created_at": "timestamp",
        "closed_at": "timestamp",
    },
    "contacts": {"contact_id": "varchar", "email": "varchar"},
    "activities": {"activity_id": "varchar", "activity_type": "varchar", "minutes": "bigint"},
    "campaigns": {"campaign_id": "varchar", "channel": "varchar"},
}


def check(company: Company) -> QualityDesk:
    return check_quality_desk(company.desk, COLUMNS)


def refused(company: Company, *parts: str) -> None:
    with pytest.raises(ExpectationsError) as error:
        check(company)
    told = str(error.value)
    assert [part for part in (*parts, "what to do: ") if part not in told] == [], told


STEP = {"field": "next_step"}

AMOUNT = {"field": "amount_doc"}
