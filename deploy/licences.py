"""Write docs/licences.md: what the image is made of, and under which licences.

Of what deploy/requirements.lock pins, as the installed packages say it themselves. Versions stand
in the lock and in the bill of materials (`make sbom`).
"""

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "deploy" / "requirements.lock"
PAGE = ROOT / "docs" / "licences.md"
# May stand beside Apache-2.0 code that is handed on. LGPL and MPL bind changes to their own files,
# and the image brings those unchanged.
ALLOWED = {
    *("0BSD", "Apache-2.0", "Artistic-1.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC"),
    *("LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib"),
    # Of some packages no more is known than the family; all its members may.
    "BSD",
}
# What packages say in words of their own -> SPDX.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Artistic License": "Artistic-1.0",
    "BSD 3-Clause": "BSD-3-Clause",
    "BSD License": "BSD",
    "GNU General Public License (GPL)": "GPL",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
HEAD = """# Licences

Written by `make licences`; do not edit. What the image of [deploy/](deployment.md) is made of,
beside Pilotage itself (Apache-2.0), as the packages themselves say it. Where a package leaves the
choice (`OR`), an allowed one is enough. Packages for Windows alone are left out: the image is for
Linux.

| package | licence |
| --- | --- |
"""


def locked() -> list[str]:
    """The names that the lock pins, each once, without those that only Windows installs."""
    lines = re.findall(r"^([\w.-]+)==\S+(.*?) \\$", LOCK.read_text(encoding="utf-8"), flags=re.M)
    names = {name for name, marker in lines if "'win32'" not in marker or "!= 'win32'" in marker}
    return sorted(names - {name for name, marker in lines if "os_name == 'nt'" in marker})


def licence(name: str) -> str:
    """The licence of an installed package, as an SPDX expression where it can be told."""
    told = metadata(name)
    if expression := told.get("License-Expression"):
        return expression
    classified = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier") or []
        if one.startswith("License :: ") and one != "License :: OSI Approved"
    ]
    words = classified or (told.get("License") or "unknown").strip().splitlines()[0].split(" OR ")
    return " OR ".join(SPDX.get(word, word) for word in words)


def is_allowed(expression: str) -> bool:
    """Whether each part that binds has an alternative that is allowed."""
    parts = (part.strip("() ").split(" OR ") for part in expression.split(" AND "))
    return all(ALLOWED & set(alternatives) for alternatives in parts)


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"| {name} | {licence(name)} |\n" for name in locked())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
