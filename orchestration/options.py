"""Options that several commands share."""

from typing import Annotated

import typer

CompanyOption = Annotated[
    str, typer.Option("--company", envvar="COMPANY", help="Name or folder of the company.")
]
