"""The journal of a company's runs: when each began and how it ended, for `pilotage status`.

`runs.jsonl` has a line as a run begins and one as it ends; of a run that was killed there is but
the first. Of an error it keeps the name alone: its text stands in the alert of the run. Runs of the
web interface are not in it: that shows them itself.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.as_of import AsOfError
from orchestration.company import Company
from orchestration.lock import is_going_on
from orchestration.terminal import ServingError, was_interrupted

JOURNAL = "runs.jsonl"
KEPT_LINES = 400
PUBLISHED, FAILED, STOPPED, RUNNING, KILLED = "published", "failed", "stopped", "running", "killed"


@dataclass(frozen=True)
class Run:
    """One run. outcome: published, failed, stopped (by a person), running, or killed: its process
    is gone and did not say why. as_of: as asked for; empty: the newest delivery's day. error: the
    name of what ended it, or of what failed after it had published. is_told: of one that was
    killed, whether an alert has told of it. Instants are aware.
    """

    key: str
    begun_at: datetime
    as_of: str
    process: int
    outcome: str
    ended_at: datetime | None = None
    error: str = ""
    is_told: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nobody need look at it."""
        return self.outcome in (PUBLISHED, RUNNING, STOPPED) and not self.error

    def document(self) -> dict[str, Any]:
        """The run in types that JSON has."""
        ended = self.ended_at
        return {
            "begun_at": self.begun_at.isoformat(timespec="seconds"),
            "ended_at": ended.isoformat(timespec="seconds") if ended else None,
            "seconds": (ended - self.begun_at).total_seconds() if ended else None,
            "as_of": self.as_of or None,
            "outcome": self.outcome,
            "error": self.error or None,
        }


@contextmanager
def journaled(company: Company, as_of: str, key: str) -> Iterator[None]:
    """Note that a run begins and how it ends. The caller holds the company's lock. key: names it.

    A journal that cannot be written stops no run. A run for an AS_OF of which nothing is known (or
    no delivery at all) is none: whoever starts it sees it.
    """
    with suppress(OSError):
        _begin(company.home / JOURNAL, {"run": key, "as_of": as_of, "process": os.getpid()})
    try:
        yield
    except AsOfError:
        with suppress(OSError):
            _forget(company.home / JOURNAL, key)
        raise
    except BaseException as error:
        outcome = PUBLISHED if isinstance(error, ServingError) else FAILED
        is_stopped = was_interrupted(error)
        told = "" if is_stopped else type(error).__name__
        _add(company, {"run": key, "outcome": STOPPED if is_stopped else outcome, "error": told})
        raise
    _add(company, {"run": key, "outcome": PUBLISHED, "error": ""})


def last_runs(company: Company) -> list[Run]:
    """The runs that the journal knows, newest first."""
    runs: dict[str, Run] = {}
    for line in _lines(company.home / JOURNAL):
        # A line whose writing was cut short tells nothing.
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            key, at = told["run"], datetime.fromisoformat(told["at"])
            if "is_told" in told:
                runs[key] = replace(runs[key], is_told=True)
            elif "outcome" not in told:
                # Another process may have got the number since: of a container's, mostly 1.
                lives = is_going_on(company) and _lives(told["process"])
                outcome = RUNNING if lives else KILLED
                runs[key] = Run(key, at, told["as_of"], told["process"], outcome)
            elif key in runs:
                outcome, error = told["outcome"], told["error"]
                runs[key] = replace(runs[key], ended_at=at, outcome=outcome, error=error)
    return [*reversed(runs.values())]


def note_told(company: Company, run: Run) -> None:
    """Note that an alert has told of a run that was killed: one run, one alert."""
    _add(company, {"run": run.key, "is_told": True})


def _begin(path: Path, told: dict[str, Any]) -> None:
    """Also drop what is older than anybody asks for."""
    _write(path, [*_lines(path)[-KEPT_LINES:], _line(told)])


def _forget(path: Path, key: str) -> None:
    _write(path, [line for line in _lines(path) if f'"run": "{key}"' not in line])


def _write(path: Path, lines: list[str]) -> None:
    if not lines:
        path.unlink()
        return
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    fresh.replace(path)


def _add(company: Company, told: dict[str, Any]) -> None:
    with suppress(OSError), (company.home / JOURNAL).open("a", encoding="utf-8") as file:
        file.write(f"{_line(told)}\n")


def _line(told: dict[str, Any]) -> str:
    return json.dumps({**told, "at": datetime.now(UTC).isoformat()})


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _lives(process: int) -> bool:
    """Whether a process of that number is there, on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
