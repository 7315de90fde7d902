"""Vega, Vega-Lite and Vega-Embed as one script, made from the installed wheel and kept by it."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

_SHOWN = "window.vegaEmbed = vegaEmbed;"


def vega_script() -> str:
    """The script that draws the charts; it loads nothing from anywhere.

    Bundling takes seconds, so the result is kept in the Python environment that it belongs to;
    where nobody may write there, every report bundles it anew.
    """
    kept = Path(sys.prefix, "share", "pilotage", f"vega-{version('vl-convert-python')}.js")
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    from vl_convert import javascript_bundle  # noqa: PLC0415 - loads a JavaScript engine

    script = javascript_bundle(_SHOWN).replace("</script", "<\\/script")
    if os.access(sys.prefix, os.W_OK):
        kept.parent.mkdir(parents=True, exist_ok=True)
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_text(script, encoding="utf-8")
        written.chmod(0o644)  # a run writes for its owner alone, an environment may be shared
        written.replace(kept)
    return script
