"""The texts of the report in its languages, and the labels that the desk gives."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from serving.report.blocks import Text
from serving.report.figures import Style
from serving.report.marts import Marts

LANGUAGES = ("en", "fr")
FOLDER = Path(__file__).with_name("texts")


@cache
def read_texts(language: str) -> dict[str, str]:
    """Key -> text of one language."""
    written = (FOLDER / f"{language}.yml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.safe_load(written)
    if language == "fr":
        # No line begins with a French colon; who edits the texts need not type what is not seen.
        return {
            key: re.sub(" ([:;?!])", "\N{NARROW NO-BREAK SPACE}\\1", found[key]) for key in found
        }
    return found


def kpi_labels(marts: Marts) -> dict[str, dict[str, str]]:
    """Language -> the labels of the desk's KPIs, as texts `kpi.<id>`."""
    catalogue = marts.rows("select kpi_id, label_en, label_fr from metrics_catalogue")
    return {
        language: {f"kpi.{row['kpi_id']}": row[f"label_{language}"] for row in catalogue}
        for language in LANGUAGES
    }


def fill(text: Text, texts: Mapping[str, str], style: Style) -> str:
    """The text with its figures written in the language of `texts`."""

    def written(found: re.Match[str]) -> str:
        value, kind = text.values[found[1]]
        return word(value, kind, texts, style)

    return re.sub(r"\{(\w+)\}", written, texts[text.key])


def word(value: Any, kind: str, texts: Mapping[str, str], style: Style) -> str:
    """One value: a term in the language, else as its kind is written. `term:<terms>`."""
    if kind.startswith("term:") and value is not None:
        return texts.get(f"{kind.removeprefix('term:')}.{value}", str(value))
    return style.write(value, kind)
