"""From checks to suites: each check's rules and the rows they judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import duckdb

from expectations.delivered_keys import delivered_keys_suite
from expectations.deliveries import deliveries_suite
from expectations.desk.thresholds import list_thresholds
from expectations.entities import SCHEMA, table_of
from expectations.field_reconciliation import field_reconciliation_suite
from expectations.keys import keys_suite
from expectations.mandatory_fields import mandatory_fields_suite
from expectations.planning import FIELD_VIOLATIONS, mandatory_fields_check
from expectations.ranges import ranges_suite
from expectations.reconciliations import reconciliation_suite
from expectations.rule_book import RuleBook, read_rule_book
from expectations.rules import Suite
from expectations.sql import column_types
from expectations.verdicts import Check


@dataclass(frozen=True)
class Bench:
    """What every suite is built from.

    as_of_at: UTC without zone, exclusive. as_of_date: the local day that ends there.
    """

    con: duckdb.DuckDBPyConnection
    desk: Path
    as_of_at: datetime
    as_of_date: date
    time_zone: str

    @cached_property
    def book(self) -> RuleBook:
        """The desk's rules on mandatory fields."""
        return read_rule_book(self.desk, self.as_of_at, self.as_of_date, self.time_zone)

    def suites(self, checks: Sequence[Check]) -> list[Suite | str]:
        """Build the suite of every check; where its tables do not bear it, say why not."""
        return [self._readable(check) for check in checks]

    def _readable(self, check: Check) -> Suite | str:
        if not column_types(self.con, check.schema, check.table):
            return f"There is no table {check.relation}."
        suite = self._suite(check)
        try:
            self.con.execute(f"describe {suite.query}")
        except duckdb.Error as error:
            return str(error).partition("\n")[0]
        return suite

    def _suite(self, check: Check) -> Suite:
        types = column_types(self.con, check.schema, check.table)
        match check.family:
            case "mandatory_fields":
                return mandatory_fields_suite(check, self.book, types)
            case "keys":
                return keys_suite(check, types)
            case "delivered_keys":
                return delivered_keys_suite(check, self.as_of_at)
            case "ranges":
                return ranges_suite(check, types, self.as_of_at)
            case "deliveries":
                return deliveries_suite(check, list_thresholds(self.desk), self.as_of_at)
            case "reconciliation":
                return self._reconciliation(check)
            case _:
                raise ValueError(f"no rules of the family {check.family}")

    def _reconciliation(self, check: Check) -> Suite:
        if check.entity == FIELD_VIOLATIONS:
            return field_reconciliation_suite(check, self._ruled())
        return reconciliation_suite(check, self.as_of_at)

    def _ruled(self) -> list[Suite]:
        """The suites of all ruled entities that have a table."""
        entities = sorted({rule.entity for rule in self.book.rules})
        return [
            mandatory_fields_suite(mandatory_fields_check(entity), self.book, types)
            for entity in entities
            if (types := column_types(self.con, SCHEMA, table_of(entity)))
        ]
