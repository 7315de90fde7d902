"""The company of the soak test: two CRMs, one of which exports files and one of which is asked by
its API; and beside it what its published pipeline must say, counted in plain Python."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from loopback import Answer, Asked

from ingest.contract import read_source
from orchestration.places import COMPANIES, DBT_PROJECT

PARIS = ZoneInfo("Europe/Paris")
EXPORTED, STARTED = time(23, 20), time(23, 30)
OPEN = ("qualification", "discovery", "proposal", "negotiation")
CLOSED = ("closed_won", "closed_lost")
FIRST_DEALS = {"crm": 30, "koban": 12}
NEW_A_DAY = {"crm": 3, "koban": 1}
STEPS_A_DAY, CLOSINGS_A_DAY = 5, 2
CRM = read_source(DBT_PROJECT / "models/staging/crm/_crm__sources.yml")
COLUMNS = {table.name: [column.name for column in table.columns] for table in CRM.tables}
REPS = [{"id": f"r{n}", "name": f"Rep {n}", "team": "North"} for n in range(1, 4)]

Figures = dict[date, tuple[int, Decimal]]


def local(day: date, at: time) -> datetime:
    """A time of that day in Paris, as an instant in UTC."""
    return datetime.combine(day, at, PARIS).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The midnight that ends the day in Paris."""
    return local(day + timedelta(days=1), time())


@dataclass(frozen=True)
class Deal:
    """A deal as its CRM tells it at some instant."""

    stage: str
    amount: Decimal
    created_at: datetime
    changed_at: datetime
    closed_at: datetime | None = None


@dataclass
class Sales:
    """What the salespeople do, day by day; `deals`: source -> key -> the deal as it stands."""

    draw: Random
    deals: dict[str, dict[str, Deal]] = field(default_factory=lambda: {"crm": {}, "koban": {}})

    def begin(self, day: date) -> None:
        for source, number in FIRST_DEALS.items():
            for _ in range(number):
                self._create(source, day - timedelta(days=self.draw.randrange(1, 20)))

    def work(self, day: date) -> None:
        """A day: deals are found, move on, and end. Never twice the same, for a CRM without a log
        tells but how a deal stands when it is asked."""
        for source, deals in self.deals.items():
            going = [key for key, deal in deals.items() if deal.stage in OPEN]
            moved = self.draw.sample(going, STEPS_A_DAY + CLOSINGS_A_DAY)
            for key in moved[CLOSINGS_A_DAY:]:
                deals[key] = self._moved_on(deals[key], self._instant(day))
            for key in moved[:CLOSINGS_A_DAY]:
                at, stage = self._instant(day), self.draw.choice(CLOSED)
                deals[key] = replace(deals[key], stage=stage, changed_at=at, closed_at=at)
            for _ in range(NEW_A_DAY[source] + CLOSINGS_A_DAY):
                self._create(source, day)

    def _create(self, source: str, day: date) -> None:
        at = self._instant(day)
        key = f"{source[0]}{len(self.deals[source]) + 1}"
        self.deals[source][key] = Deal(self.draw.choice(OPEN), self._amount(), at, at)

    def _moved_on(self, deal: Deal, at: datetime) -> Deal:
        stage = self.draw.choice([stage for stage in OPEN if stage != deal.stage])
        return replace(deal, stage=stage, amount=self._amount(), changed_at=at)

    def _amount(self) -> Decimal:
        return Decimal(self.draw.randrange(100_00, 90_000_00)) / 100

    def _instant(self, day: date) -> datetime:
        """Within the first 22 hours of the day in Paris: the shortest one of the year has 23."""
        return end_of(day - timedelta(days=1)) + timedelta(seconds=self.draw.randrange(22 * 3600))


@dataclass(frozen=True)
class Books:
    """What was handed over and could be landed: (instant of extraction, key -> deal), of both."""

    landed: list[tuple[datetime, dict[str, Deal]]] = field(default_factory=list)

    def pipeline(self, as_of: date) -> Figures:
        """Day -> number and amount of the deals that were open as it ended, for each day until the
        one that a run stands at, by what had been extracted when that ended."""
        lives = [*self._lives(as_of)]
        day = min(life[0][0].astimezone(PARIS).date() for life in lives)
        told: Figures = {}
        while day <= as_of:
            amounts = [amount for life in lives if (amount := _open_amount(life, end_of(day)))]
            if amounts:
                told[day] = (len(amounts), sum(amounts, Decimal()))
            day += timedelta(days=1)
        return told

    def _lives(self, as_of: date) -> Iterator[list[tuple[datetime, Deal]]]:
        """Of each deal, since when it stood how: from its creation as it was told first; from then
        on a change counts when it was told, a closing when it was."""
        known: dict[str, list[tuple[datetime, Deal]]] = {}
        lives: dict[str, list[tuple[datetime, Deal]]] = {}
        for instant, deals in sorted(self.landed, key=lambda load: load[0]):
            for key, deal in deals.items() if instant < end_of(as_of) else ():
                told = known.setdefault(key, [])
                if told and told[-1][1] == deal:
                    continue
                if not told:
                    since = deal.created_at
                elif deal.closed_at and told[-1][0] < deal.closed_at < instant:
                    since = deal.closed_at
                else:
                    since = instant
                told.append((instant, deal))
                lives.setdefault(key, []).append((since, deal))
        return iter(lives.values())


def _open_amount(life: list[tuple[datetime, Deal]], end: datetime) -> Decimal | None:
    """The amount of the deal at that instant; None where it was not open."""
    since, first = life[0]
    if first.closed_at and since < end <= first.closed_at:
        # Closed when we heard of it first: it was open before.
        return first.amount
    stood = [deal for since, deal in life if since < end]
    return stood[-1].amount if stood and stood[-1].stage in OPEN else None


@dataclass
class Firm:
    """The company's folder, what its CRMs hand over, and the books that are kept beside it."""

    folder: Path
    sales: Sales
    books: Books = field(default_factory=Books)
    exported: dict[str, Deal] = field(default_factory=dict)

    @property
    def deliveries(self) -> Path:
        return self.folder / "exports"

    def found(self) -> None:
        self.deliveries.mkdir(parents=True)
        shutil.copytree(COMPANIES / "demo" / "desk", self.folder / "desk")
        (self.folder / "company.yml").write_text(
            "name: soak\ndeliveries: exports\nsources: [crm, koban]\nbusiness_tz: Europe/Paris\n"
            "reporting_currency: EUR\nfiscal_year_start_month: 1\n"
        )

    def export_to(self, day: date) -> Path:
        """The folder of that day's export of the CRM of files, named after its instant."""
        return self.deliveries / "crm" / f"{local(day, EXPORTED):%Y%m%dT%H%M%SZ}"

    def export(self, day: date) -> list[str]:
        """Hand over what is new or changed since the last export that could be read; its keys."""
        folder = self.export_to(day)
        folder.mkdir(parents=True)
        deals = self.sales.deals["crm"]
        changed = {key: deal for key, deal in deals.items() if self.exported.get(key) != deal}
        _write(folder, "reps", REPS)
        _write(folder, "accounts", [_account(number) for number in range(1, len(deals) // 10 + 1)])
        _write(folder, "opportunities", [_crm_row(key, deal) for key, deal in changed.items()])
        self.exported.update(changed)
        self.books.landed.append((local(day, EXPORTED), changed))
        return [*changed]

    def tear(self, day: date) -> None:
        """Cut the last row of that day's export, whose deal the next one holds again."""
        path = self.export_to(day) / "opportunities.csv"
        whole = path.read_text()
        path.write_text(whole[: whole.rstrip("\n").rindex(",,")])
        _, deals = self.books.landed[-1]
        key, _ = deals.popitem()
        del self.exported[key]

    def without_stages(self, day: date) -> Path:
        """Take the column of stages out of that day's export; the whole file, put aside."""
        path = self.export_to(day) / "opportunities.csv"
        whole = self.folder / path.name
        shutil.copy(path, whole)
        with path.open(newline="") as file:
            rows = [*csv.DictReader(file)]
        columns = [name for name in COLUMNS["opportunities"] if name != "stage"]
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return whole

    def answer(self, asked: Asked) -> Answer:
        """The API of the other CRM, all of it on one page."""
        table = asked.path.rsplit("/", 1)[1]
        since = asked.params.get("updatedSince", "")
        found = [one for one in self._records(table) if one.get("UpdatedDate", "9") >= since]
        page = found if asked.params["page"] == "1" else []
        return Answer({"Success": True, "Total": len(found), "Result": page})

    def _records(self, table: str) -> list[dict[str, Any]]:
        match table:
            case "ncUser":
                return [{"Guid": "u1", "FullName": "Eve", "Team": {"Label": "West"}}]
            case "ncThird":
                stamps = dict.fromkeys(("CreatedDate", "UpdatedDate"), "2025-01-01T08:00:00Z")
                more = {"Sector": {"Label": "Food"}, "Country": "FR", "AssignedTo": {"Guid": "u1"}}
                return [{"Guid": "t1", "Label": "Mill", **more, **stamps}]
            case _:
                return [_koban_record(*one) for one in self.sales.deals["koban"].items()]

    def fetched(self) -> set[str]:
        """The deliveries of the API that lie there, by name."""
        return {path.name for path in (self.deliveries / "koban").glob("*")}

    def enter_fetched(self, before: set[str]) -> None:
        """Enter into the books what was fetched since: the API says all day what it says."""
        for name in self.fetched() - before:
            instant = datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            self.books.landed.append((instant, dict(self.sales.deals["koban"])))


def _write(folder: Path, table: str, rows: list[dict[str, Any]]) -> None:
    with (folder / f"{table}.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[table], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _account(number: int) -> dict[str, str]:
    stamps = dict.fromkeys(("created_at", "updated_at"), "2025-01-01T08:00:00Z")
    return {"id": f"a{number}", "name": f"Company {number}", "owner_id": "r1", **stamps}


def _crm_row(key: str, deal: Deal) -> dict[str, Any]:
    number = int(key[1:])
    return {
        "id": key,
        "name": f"Deal {number}",
        "account_id": f"a{number % 3 + 1}",
        "owner_id": f"r{number % 3 + 1}",
        "record_type": "volume",
        "stage": deal.stage,
        "amount": deal.amount,
        "currency": "EUR",
        "probability": 40,
        "close_date": "2025-06-30",
        "created_at": _stamp(deal.created_at),
        "closed_at": _stamp(deal.closed_at),
        "updated_at": _stamp(deal.changed_at),
    }


def _koban_record(key: str, deal: Deal) -> dict[str, Any]:
    return {
        "Guid": key,
        "Label": f"Deal {key}",
        "Third": {"Guid": "t1"},
        "AssignedTo": {"Guid": "u1"},
        "Step": {"Code": deal.stage.upper()},
        "Amount": float(deal.amount),
        "Ratio": 40,
        "ClosingDate": "2025-06-30",
        "Origin": {"Label": "Fair"},
        "LossReason": None,
        "Archived": False,
        "CreatedDate": _stamp(deal.created_at),
        "ClosedDate": _stamp(deal.closed_at),
        "UpdatedDate": _stamp(deal.changed_at),
    }


def _stamp(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}" if instant else None
