"""What is planted: every parameter of the demo company. truth.json repeats it."""

from dataclasses import asdict, dataclass, field
from datetime import date

from ingest.demo.draws import day_number

STAGES = ("qualification", "discovery", "proposal", "negotiation", "closed_won", "closed_lost")
QUALIFICATION, DISCOVERY, PROPOSAL, NEGOTIATION, WON, LOST = range(6)
CATEGORIES = ("omitted", "pipeline", "best_case", "commit", "closed")
CURRENCIES = ("EUR", "USD", "GBP")
CHANNELS = ("web", "event", "email", "referral", "partner", "outbound")
SEGMENTS = ("Gold", "Silver", "Bronze")
GOLD, SILVER, BRONZE = range(3)
TEAMS = ("North", "South-1", "South-2", "Atlantic", "Midwest", "Pacific")
TEAM_ZONES = ("Europe/Paris",) * 3 + ("America/New_York",) * 3
TERRITORIES = (
    "France North",
    "British Isles",
    "South West",
    "South East",
    "Atlantic",
    "Midwest",
    "Pacific",
)
TERRITORY_TEAMS = (0, 0, 1, 2, 3, 4, 5)
TERRITORY_COUNTRIES = ("FR", "GB", "FR", "FR", "US", "US", "US")
COUNTRY_CURRENCIES = {"FR": 0, "US": 1, "GB": 2}
FX_THOUSANDTHS = ((1000, 940, 1140), (1000, 920, 1160), (1000, 930, 1180))
"""Plan rate to EUR by year from 2023, then by currency; the desk's fx_plan_rates.csv says the
same (a test compares them)."""
HOURLY_COSTS = {"junior": 38, "confirmed": 52, "senior": 68}


@dataclass(frozen=True)
class Plan:
    """The planted parameters."""

    expected_days: tuple[int, ...] = (21, 30, 25, 20)
    advance: tuple[float, ...] = (0.72, 0.76, 0.80, 0.85)
    skip: float = 0.08
    backward: float = 0.04
    overstay_after: float = 1.5
    overstay_win_factor: float = 0.6
    reopened_share: float = 0.03
    deleted_share: float = 0.015
    merged_share: float = 0.01
    restored_share: float = 0.10
    transferred_share: float = 0.03
    late_entry_share: float = 0.03
    resegmented_every: int = 40
    lead_weights: tuple[int, ...] = (34, 14, 18, 8, 10, 16)
    lead_to_opportunity: tuple[float, ...] = (0.16, 0.26, 0.14, 0.42, 0.34, 0.12)
    lost_for_channel: tuple[float, ...] = (0.25, 0.15, 0.35, 0.0, 0.05, 0.25)
    unknown_source_share: float = 0.06
    optimist_biases: tuple[float, ...] = (1.35, 1.50, 1.65)
    cautious_biases: tuple[float, ...] = (0.70, 0.75, 0.80, 0.85)
    collapse_team: str = "South-2"
    collapse_from: str = "2025-09-15"
    collapse_until: str = "2025-11-24"
    fill_rate: float = 0.92
    fill_rate_collapsed: float = 0.35
    no_show_by_type: dict[str, float] = field(
        default_factory=lambda: {"meeting": 0.18, "demo": 0.24}
    )
    no_show_by_territory: tuple[float, ...] = (0.9, 0.8, 1.3, 1.1, 0.9, 1.0, 1.0)
    reproposal_territories: tuple[str, ...] = ("France North", "British Isles", "Atlantic")
    rebooked_with_reproposal: float = 0.80
    rebooked_without: float = 0.30
    attaining_share: float = 0.75
    deal_amount_eur: tuple[int, ...] = (42_000, 16_000, 5_500)
    discount_percent: tuple[int, ...] = (27, 6, 12)
    activities_factor: tuple[float, ...] = (2.6, 1.2, 0.8)

    @property
    def collapse_days(self) -> tuple[int, int]:
        """First day of the collapse, first day after it."""
        return (
            day_number(date.fromisoformat(self.collapse_from)),
            day_number(date.fromisoformat(self.collapse_until)),
        )

    def as_dict(self) -> dict[str, object]:
        """The parameters with lists told by the names of what they stand for."""
        told = asdict(self)
        names = {
            "expected_days": STAGES[:4],
            "advance": STAGES[:4],
            "lead_weights": CHANNELS,
            "lead_to_opportunity": CHANNELS,
            "lost_for_channel": CHANNELS,
            "no_show_by_territory": TERRITORIES,
            "deal_amount_eur": SEGMENTS,
            "discount_percent": SEGMENTS,
            "activities_factor": SEGMENTS,
        }
        for name, labels in names.items():
            told[name] = dict(zip(labels, told[name], strict=True))
        return told


PLAN = Plan()
