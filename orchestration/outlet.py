"""Output that outlives its reader: `pilotage ... | head -1` is no error, and stops no run."""

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Outlet(io.FileIO):
    """Where output goes until nobody reads it any more; from then on it goes nowhere."""

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def outlive_the_reader() -> None:
    """Let a command do its work to the end, in silence, when what reads its output has had enough
    (`| head -1`): a run must not stop half-way, and the rest is no error."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # Another one than Python's own belongs to whoever put it there.
        if stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper):
            stream.flush()
            outlet = io.BufferedWriter(_Outlet(stream.fileno(), "w", closefd=False))
            tolerant = io.TextIOWrapper(
                outlet,
                stream.encoding,
                stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, tolerant)
