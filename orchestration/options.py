"""Options of the command line."""

from typing import Annotated

import typer

CompanyOption = Annotated[
    str, typer.Option("--company", envvar="COMPANY", help="Name or folder of the company.")
]
AsOfOption = Annotated[
    str,
    typer.Option("--as-of", envvar="AS_OF", help="YYYY-MM-DD; default: day of the last delivery."),
]
ScaleOption = Annotated[
    # A text: Typer's own complaint would be neither ours nor tell what to do.
    str,
    typer.Option(
        "--scale",
        envvar="SCALE",
        help="Size of the demo company, 0.01 or more; default: of the one there, else 1.",
    ),
]
FetchOption = Annotated[
    bool,
    typer.Option(
        "--fetch/--no-fetch",
        help="Ask databases and APIs first, or not; for a day that is over they never are.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
