"""The desk that every test of the area shares. Fiscal year 2025 is April 2024 to March 2025."""

from decimal import Decimal
from typing import Any

# stage, position, is_closed, is_won, expected_days
STAGES = [
    ("disqualified", 0, "true", "false", None),
    ("qualification", 1, "false", "false", 21),
    ("discovery", 2, "false", "false", 30),
    ("proposal", 3, "false", "false", 25),
    ("negotiation", 4, "false", "false", 20),
    ("closed_won", 5, "true", "true", None),
    ("closed_lost", 6, "true", "false", None),
    ("asleep", 7, "false", "false", None),
]
# Pounds have no rate for 2026, and Swiss francs none at all. The euro's line must not count.
PLAN_RATES = {
    ("EUR", 2025): Decimal("7"),
    ("USD", 2024): Decimal("0.95"),
    ("USD", 2025): Decimal("0.9"),
    ("USD", 2026): Decimal("0.8"),
    ("USD", 2027): Decimal("0.77"),
    ("GBP", 2025): Decimal("1.15"),
}
CATEGORIES = ["omitted", "pipeline", "best_case", "commit", "closed"]
HOLIDAYS = ["2025-04-21", "2025-05-01"]
DESK: dict[str, list[dict[str, Any]]] = {
    "stages": [
        {
            "stage_id": stage,
            "position": position,
            "is_closed": is_closed,
            "is_won": is_won,
            "is_dormant": "true" if stage == "asleep" else "false",
            "is_unqualified": "true" if stage == "disqualified" else "false",
            "expected_days": days,
            "default_probability": None if days is None else Decimal("0.5"),
        }
        for stage, position, is_closed, is_won, days in STAGES
    ],
    "fx_plan_rates": [
        {"currency": currency, "fiscal_year": year, "rate": rate}
        for (currency, year), rate in PLAN_RATES.items()
    ],
    "forecast_categories": [
        {
            "forecast_category": category,
            "category_label": category,
            "position": position,
            "rollup_share": int(category == "commit"),
        }
        for position, category in enumerate(CATEGORIES)
    ],
    "holidays": [{"holiday_date": day, "holiday_label": "holiday"} for day in HOLIDAYS],
}
