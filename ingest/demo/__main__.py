"""Command line: python -m ingest.demo FOLDER --scale 1 --seed 20260101 --days 14."""

from pathlib import Path
from typing import Annotated

import typer

from ingest.demo.simulation import DAILY_DAYS, DEFAULT_SEED, write_deliveries


def main(
    folder: Path,
    scale: Annotated[float, typer.Option(help="1 = about 6,000 opportunities.")] = 1,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = DEFAULT_SEED,
    days: Annotated[int, typer.Option(help="Daily deliveries after the full one.")] = DAILY_DAYS,
) -> None:
    """Write the demo company's deliveries into FOLDER."""
    truth = write_deliveries(folder, scale=scale, seed=seed, daily_days=days)
    typer.echo(f"{folder}: {truth.made_by['opportunities']} opportunities, see truth.json")


typer.run(main)
