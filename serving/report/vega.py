"""Vega, Vega-Lite and Vega-Embed as one script, made from the installed wheel and kept by it."""

import hashlib
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

_SHOWN = "window.vegaEmbed = vegaEmbed;"
# The end of a script element, and how it stands within one.
_END, _ESCAPED = "</script", "<\\/script"


def vega_script() -> str:
    """The script that draws the charts; it loads nothing from anywhere.

    Bundling takes seconds, so the result is kept in the Python environment that it belongs to;
    where it may not be read or written there, every report bundles it anew.
    """
    kept = _kept_at()
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:  # Not there yet, or not for us.
        script = _bundled()
    if os.access(sys.prefix, os.W_OK):
        _keep(script, kept)
    return script


def _kept_at() -> Path:
    """By all that it is made of: another release of ours may bundle the same wheel otherwise."""
    made_of = repr((version("vl-convert-python"), _SHOWN, _END, _ESCAPED))
    name = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return Path(sys.prefix, "share", "pilotage", f"vega-{name}.js")


def _bundled() -> str:
    from vl_convert import javascript_bundle  # noqa: PLC0415 - loads a JavaScript engine

    return javascript_bundle(_SHOWN).replace(_END, _ESCAPED)


def _keep(script: str, kept: Path) -> None:
    """For whoever else uses the environment too: a run writes for its owner alone."""
    written = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # Somebody else's folder, or a full disk: the report goes on without.
        try:
            if not (share := kept.parents[1]).is_dir():
                share.mkdir()
                share.chmod(0o755)
            kept.parent.mkdir(exist_ok=True)
            kept.parent.chmod(0o755)
            written.write_text(script, encoding="utf-8")
            written.chmod(0o644)
            written.replace(kept)
        finally:
            written.unlink(missing_ok=True)
