"""Great Expectations' own pages as files that open without a network."""

import re
import shutil
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

# The pages load style sheets, scripts and pictures from seven hosts: whoever opens a report would
# tell them so, and without a network the page would hang on them.
_FOREIGN = re.compile(
    r"<script\b[^>]*\bsrc=\"https?://[^>]*>\s*</script>"
    r"|<link\b[^>]*\bhref=\"https?://[^>]*>"
    r"|<img\b[^>]*\bsrc=\"https?://[^>]*>",
    re.IGNORECASE,
)
_STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 75rem; }
table { border-collapse: collapse; margin: .5rem 0 1rem; }
td, th { border: 1px solid #ccc; padding: .25rem .5rem; text-align: left; }
.modal, .ge-breadcrumbs-link-logo { display: none; }
</style></head>"""


def write_data_docs(context: Any, folder: Path) -> None:
    """Write the pages on all that a context has judged; what the folder held is gone.

    folder: gets index.html. The pages hold counts, never values of records.
    """
    shutil.rmtree(folder, ignore_errors=True)
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    context.add_data_docs_site("data_docs", site)
    context.build_data_docs(site_names=["data_docs"])
    for page in folder.rglob("*.html"):
        text = _FOREIGN.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", _STYLE, 1), encoding="utf-8")
    _write_index(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # for others to read, whatever the umask


def _write_index(folder: Path) -> None:
    """List the pages. Great Expectations' own index is drawn by scripts that are not there."""
    pages = sorted(page.relative_to(folder) for page in folder.glob("validations/**/*.html"))
    rows = "\n".join(
        f'<li><a href="{quote(page.as_posix())}">{escape(page.parts[1])}</a></li>' for page in pages
    )
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Checks</title>
{_STYLE}
<body><h1>Checks by Great Expectations</h1>
<ul>
{rows}
</ul>
</body></html>
"""
    (folder / "index.html").write_text(text, encoding="utf-8")
