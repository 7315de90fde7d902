"""A company so small that its whole chain can be run in a test: two invoices."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from ingest.loads import write_loads_table
from orchestration.company import find_company
from orchestration.landing import company_sources, land_table
from orchestration.lock import sole_writer

EXPORT = {
    "products": ["id;name;category;list_price;unit_cost", "p1;Mill;machines;100,00;60,00"],
    "orders": [
        "id;opportunity_id;account_id;rep_id;currency;amount_net;ordered_on",
        "o1;;a1;r1;EUR;300,00;02/01/2025",
    ],
    "invoices": [
        "id;order_id;account_id;rep_id;kind;currency;amount_net;amount_tax;is_disputed;"
        "issued_on;due_on",
        "i1;o1;a1;r1;invoice;EUR;100,00;20,00;false;03/01/2025;02/02/2025",
        "i2;o1;a1;r1;invoice;EUR;200,00;40,00;false;04/01/2025;03/02/2025",
    ],
    "invoice_lines": [
        "invoice_id;line_number;product_id;quantity;unit_price;amount_net;unit_cost",
        "i1;1;p1;1,000;100,0000;100,00;60,0000",
        "i2;1;p1;2,000;100,0000;200,00;60,0000",
    ],
    "credit_notes": [
        "id;invoice_id;account_id;rep_id;product_id;currency;amount_net;reason;issued_on"
    ],
    "payments": [
        "id;invoice_id;currency;amount;paid_on",
        "y1;i1;EUR;120,00;05/01/2025",
    ],
}

# What dbt's parse leaves. It takes 27 CPU s, most of what a run of a tiny company costs.
PARSED = ("manifest.json", "manifest.fingerprint", "partial_parse.msgpack")


@dataclass(frozen=True)
class Tiny:
    """The folder of the company, its deliveries, and the home that runs write to."""

    folder: Path
    home: Path

    @property
    def deliveries(self) -> Path:
        """Where the company's exports lie."""
        return self.folder / "exports"

    @property
    def data(self) -> Path:
        """What runs have made."""
        return self.home / "tiny"

    @property
    def target(self) -> Path:
        """dbt's own folder."""
        return self.data / "target"

    def deliver(self, day: str, export: dict[str, list[str]]) -> None:
        """Lay down one export, table -> lines of text."""
        folder = self.deliveries / "invoicing" / day
        folder.mkdir(parents=True)
        for table, lines in export.items():
            (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")


def land(tiny: Tiny) -> None:
    """As `pilotage ingest`, in this process, whose PILOTAGE_HOME is the company's."""
    company = find_company(str(tiny.folder))
    with sole_writer(company):
        for source in company_sources(company):
            for table in source.tables:
                land_table(company, source, table, lambda load: None)
        write_loads_table(company.lake, company.warehouse)


def copy_parsed(source: Path, target: Path) -> None:
    """Copy what a parse left, where it came to its end."""
    if all((source / name).is_file() for name in PARSED):
        target.mkdir(parents=True, exist_ok=True)
        for name in PARSED:
            shutil.copy(source / name, target / name)
