"""The end of a run, as a person reads it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.as_of import AsOf
from orchestration.company import Company
from orchestration.landing import LeftOut, company_sources, left_out
from orchestration.progress import Checked, Record, failed_count

# Written once every table has landed.
LOADS = "raw/loads"


@dataclass(frozen=True)
class Landed:
    """What came in: loads and rows, over all raw tables. unlanded: tables that the run, which a
    refused delivery ended, did not come to."""

    tables: int
    unlanded: int
    loads: int
    loaded: int
    unchanged: int
    deleted: int
    quarantined: int


@dataclass(frozen=True)
class Summary:
    """A whole run. `published` is None where it ended before publication."""

    company: Company
    as_of: AsOf
    landed: Landed
    left_out: LeftOut
    models: int
    passed: tuple[Checked, ...]
    warned: tuple[Checked, ...]
    failed: tuple[Checked, ...]
    version: str | None
    published: Path | None
    is_new: bool
    published_tables: int
    published_rows: int
    rewritten_days: int
    report: str
    mirror: dict[str, Any]
    alerts: dict[str, Any]
    notices: dict[str, Any]
    seconds: float

    def lines(self) -> Iterator[str]:
        """The summary as lines of text."""
        landed = self.landed
        yield f"{self.company.label}, as of the end of {self.as_of.day}"
        yield (
            f"  loads       {landed.loads:,} new, of {landed.tables} tables: "
            f"{landed.loaded:,} rows loaded, {landed.unchanged:,} unchanged, "
            f"{landed.quarantined:,} quarantined, {landed.deleted:,} deleted"
        )
        if landed.unlanded:
            yield (
                f"  not landed  {landed.unlanded:,} more tables: landing ends at the first delivery"
                " that is refused"
            )
        yield from self.left_out.lines()
        yield f"  models      {self.models:,} built"
        yield (
            f"  checks      {len(self.passed):,} passed, {len(self.warned):,} warned, "
            f"{len(self.failed):,} failed"
        )
        for checked in self.warned:
            yield from self._broken("warned", checked)
        for checked in self.failed:
            yield from self._broken("FAILED", checked)
        if self.failed and self.published:
            yield "              None of these keeps a run from publishing."
        yield from self._alerts()
        yield f"  published   {self._publication()}"
        if self.rewritten_days:
            yield (
                f"    warned    {self.rewritten_days:,} past days read otherwise than before, "
                "without late data (marts.published_days)"
            )
        if self.report:
            yield f"  report      {self.report}"
        if self.mirror:
            yield (
                f"  PostgreSQL  {self.mirror['tables']:,} tables, "
                f"{self.mirror['copied_rows']:,} rows written anew"
            )
        yield f"  time        {self.seconds:.1f} s"

    def document(self) -> dict[str, Any]:
        """The same as plain values, for a log."""
        return {
            "as_of": self.as_of.day.isoformat(),
            "landed": asdict(self.landed),
            "models": self.models,
            "passed": len(self.passed),
            "warned": [checked.name for checked in self.warned],
            "failed": [checked.name for checked in self.failed],
            "version": self.version,
            "published": str(self.published or ""),
            "is_new": self.is_new,
            "tables": self.published_tables,
            "rows": self.published_rows,
            "rewritten_days": self.rewritten_days,
            "open_alerts": self.alerts.get("living"),
            "seconds": round(self.seconds, 3),
        }

    def _broken(self, word: str, checked: Checked) -> Iterator[str]:
        """The check with its figures, then what it means and how to see its rows, where known."""
        yield f"    {word:<10}{_named(checked)}"
        if checked.meaning:
            yield f"              {checked.meaning}"
        if query := checked.facts.get("rows_query"):
            asked = f"pilotage query --warehouse --company {self.company.reference} {query}"
            yield f"              rows: {asked}"

    def _alerts(self) -> Iterator[str]:
        if not self.alerts:
            return
        moved = ", ".join(f"{n:,} {kind}" for kind, n in sorted(self.alerts["moved"].items()))
        yield f"  alerts      {self.alerts['living']:,} open" + (f"; now {moved}" if moved else "")
        if self.alerts["message"]:
            yield f"              {self.alerts['message']}"
        if self.notices:
            yield f"  notices     {self.notices['sent']:,} sent"
            yield from (f"    waiting   {told}" for told in self.notices["waiting"].values())

    def _publication(self) -> str:
        if self.published is None:
            return "nothing: what was published before is still there"
        state = "new version" if self.is_new else "unchanged since version"
        return (
            f"{self.published}\n              {self.published_tables} tables, "
            f"{self.published_rows:,} rows, {state} {self.version}"
        )


def summarize(company: Company, as_of: AsOf, record: Record, seconds: float) -> Summary:
    """Sum up what happened in a run."""
    published = _facts(record, "published/marts")
    checked = record.checked
    return Summary(
        company=company,
        as_of=as_of,
        landed=_landed(record, company),
        left_out=left_out(company) if _facts(record, LOADS) else LeftOut((), ()),
        models=sum("unique_id" in built.facts for built in record.built),
        passed=tuple(c for c in checked if c.passed),
        warned=tuple(c for c in checked if not c.passed and not c.is_error),
        failed=tuple(c for c in checked if not c.passed and c.is_error),
        version=published.get("version"),
        published=Path(published["path"]) if published else None,
        is_new=bool(published.get("is_new")),
        published_tables=published.get("tables", 0),
        published_rows=published.get("dagster/row_count", 0),
        rewritten_days=published.get("rewritten_days", 0),
        report=_facts(record, "published/report").get("path", ""),
        mirror=_facts(record, "published/postgres"),
        alerts=_facts(record, "marts/fct_alerts"),
        notices=_facts(record, "alerts/notices"),
        seconds=seconds,
    )


def _facts(record: Record, key: str) -> dict[str, Any]:
    return next((built.facts for built in record.built if built.key == key), {})


def _landed(record: Record, company: Company) -> Landed:
    raw = [built.facts for built in record.built if "loads" in built.facts]
    declared = sum(len(source.tables) for source in company_sources(company))
    return Landed(
        tables=len(raw),
        unlanded=0 if _facts(record, LOADS) else declared - len(raw),
        loads=sum(facts["loads"] for facts in raw),
        loaded=sum(facts["dagster/row_count"] for facts in raw),
        unchanged=sum(facts["unchanged_rows"] for facts in raw),
        deleted=sum(facts["deleted_rows"] for facts in raw),
        quarantined=sum(facts["quarantined_rows"] for facts in raw),
    )


def _named(checked: Checked) -> str:
    count, evaluated = failed_count(checked), checked.facts.get("evaluated_count")
    told = "not evaluated" if count is None else f"{count:,}"
    told += f" of {evaluated:,}" if evaluated else ""
    by_field = checked.facts.get("failed_by_rule") or {}
    fields = ", ".join(f"{name} {broken:,}" for name, broken in by_field.items())
    return f"{checked.name} on {checked.table}: {told}" + (f" ({fields})" if fields else "")
