"""What a person sees: one line per step, and errors without a stack trace unless DEBUG=1."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TextIO

import typer

from expectations.errors import ExpectationsError
from ingest.errors import PilotageError, without_credentials
from orchestration.places import home
from orchestration.run_log import is_json, log

BLOCKED = 1
BAD_INPUT = 2
INTERRUPTED = 130
STOPPED = "What was published stays; the next run goes on from here."
MOMENT = 0.05
REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS}
# How the system and SQLite say it; DuckDB and dbt quote the system.
FULL = (os.strerror(errno.ENOSPC), "database or disk is full")
# What DuckDB makes of Ctrl-C while it works.
QUERY_INTERRUPTED = "Query interrupted"


def is_debug() -> bool:
    """Whether stack traces and the log noise of the tools are wanted."""
    return os.environ.get("DEBUG") == "1"


class ChainError(PilotageError):
    """The chain stopped before publication; what was published before stays."""


class ServingError(PilotageError):
    """The marts are published; what follows from them failed, and its own alert tells of it."""


class UntoldError(ServingError):
    """The same of what runs by itself: no alert of its own tells of it yet."""


@contextmanager
def plain_errors(stopped: str = STOPPED) -> Iterator[None]:
    """Turn an error into its message and an exit code.

    1 blocked or broken, 2 bad input, 130 stopped by a person, who is told `stopped`.
    """
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        _stop(stopped)
    except Exception as error:
        if was_interrupted(error):
            _stop(stopped)
        if is_debug():
            typer.echo(without_credentials(traceback.format_exc()), err=True)
        code = BAD_INPUT if _is_bad_input(error) else BLOCKED
        if is_json():
            _log_error(error, code)
        else:
            typer.echo(f"\n{_told(error)}", err=True)
        raise typer.Exit(code) from error


def keep_interrupts() -> None:
    """Have Ctrl-C count where Python would drop it, with a stack trace: in the clean-up of an
    object, whose errors go nowhere. It is pressed once more for whoever pressed it, a moment later:
    at once it would be dropped again."""
    sys.unraisablehook = _heard


def _heard(dropped: "sys.UnraisableHookArgs") -> None:
    if dropped.exc_type is KeyboardInterrupt:
        threading.Timer(MOMENT, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(dropped)


def was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: pressed while DuckDB works, it comes as a RuntimeError."""
    return any(
        isinstance(one, KeyboardInterrupt)
        or (isinstance(one, RuntimeError) and str(one) == QUERY_INTERRUPTED)
        for one in _behind(error)
    )


def is_disk_full(error: BaseException | None) -> bool:
    """Whether a full disk is behind an error, whoever met it."""
    return any(
        getattr(one, "errno", None) == errno.ENOSPC or any(words in str(one) for words in FULL)
        for one in _behind(error)
    )


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what led to it."""
    seen: set[int] = set()
    # Errors that were raised again may lead in a circle.
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _stop(told: str) -> NoReturn:
    # An impatient second Ctrl-C must not hit the message and the way out.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if is_json():
        log("stopped", {"what": told, "exit": INTERRUPTED}, level="warning")
    else:
        typer.echo(f"\nStopped. {told}", err=True)
    raise typer.Exit(INTERRUPTED) from None


def in_foreground(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a program that has the terminal, and wait for its own end; returns its exit code.

    Ctrl-C reaches the program too and is its to answer: it must not be killed while it tidies up.
    """
    # Not SIG_IGN, which the program would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(  # noqa: S603 - the caller's own command
            command, cwd=folder, env=environment, check=False
        ).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _is_bad_input(error: Exception) -> bool:
    if isinstance(error, ServingError):
        return False
    if is_disk_full(error):
        return True
    known = isinstance(error, PilotageError | ExpectationsError) or _is_no_entry(error)
    return known and not isinstance(error, ChainError)


def _is_no_entry(error: Exception) -> bool:
    """Whether the system refused a file or folder: for a person to mend, in whatever command."""
    return isinstance(error, OSError) and error.errno in REFUSALS and error.filename is not None


def _no_entry(error: OSError) -> PilotageError:
    return PilotageError(
        f"A file or folder may not be used: {error.strerror}.",
        where=str(error.filename),
        remedy="Give your user the right to it (`ls -ld` shows whose it is), or set "
        "PILOTAGE_HOME to a folder of your own.",
    )


def _full(error: Exception) -> PilotageError:
    place = next((p for one in _behind(error) if (p := getattr(one, "filename", None))), home())
    return PilotageError(
        "The disk is full; nothing half-written is left for readers.",
        where=str(place),
        remedy="Make room (`df -h` shows how much there is), then run again.",
    )


def _told(error: Exception) -> str:
    # What is published matters more than why something after it is not.
    if is_disk_full(error) and not isinstance(error, ServingError):
        return str(_full(error))
    if isinstance(error, PilotageError):
        return error.for_terminal()
    if isinstance(error, ExpectationsError):
        return str(error)
    if isinstance(error, OSError) and _is_no_entry(error):
        return str(_no_entry(error))
    return (
        f"Something unexpected happened: {type(error).__name__}: "
        f"{without_credentials(str(error))}\n"
        "  what to do: run again with DEBUG=1 to see where, and report it"
    )


def _log_error(error: Exception, code: int) -> None:
    """Without the excerpt of a delivery: what is logged is kept."""
    is_full = is_disk_full(error) and not isinstance(error, ServingError)
    known = _full(error) if is_full else error
    known = _no_entry(known) if isinstance(known, OSError) and _is_no_entry(known) else known
    facts = {name: getattr(known, name, "") for name in ("what", "where", "remedy")}
    told = facts if facts["what"] else {"what": _told(error)}
    log("error", {"kind": type(error).__name__, "exit": code, **told}, level="error")


def show_step(
    step: str,
    rows: int | None = None,
    seconds: float | None = None,
    note: str = "",
    stream: TextIO | None = None,
) -> None:
    """One line: the step, its rows, its seconds; to the terminal, or to the stream given."""
    if is_json():
        took = None if seconds is None else round(seconds, 3)
        facts = {"step": step.strip(), "rows": rows, "seconds": took, "note": note}
        log("step", facts, stream=stream)
        return
    shown_rows = f"{rows:>12,}" if rows is not None else " " * 12
    shown_seconds = f"{seconds:>8.1f} s" if seconds is not None else " " * 10
    typer.echo(f"  {step:<52}{shown_rows}{shown_seconds}  {note}".rstrip(), file=stream)


def print_json(document: object) -> None:
    """A document for another program, which people can read too."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
