"""Pictures of the report's pages, for the README: pictures.py <index.html> <folder>."""

import io
import sys
from pathlib import Path

from chromium import browser
from PIL import Image

WIDTH, LONGEST = 1200, 2600


def main(report: Path, folder: Path) -> None:
    """One PNG per page, light, the definitions apart; long pages are cut at their foot."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser(WIDTH) as tab:
        tab.open(report.resolve())
        tab.run("document.documentElement.dataset.theme = 'light'")
        for page in tab.run("[...document.querySelectorAll('.page')].map((page) => page.id)"):
            if page != "definitions":
                tab.run(f"location.hash = '#{page}'")
                tab.wait_for(f"document.getElementById('{page}').matches('.shown')")
                image = Image.open(io.BytesIO(tab.picture(WIDTH)))
                cut = image.convert("RGB").crop((0, 0, WIDTH, min(image.height, LONGEST)))
                # Fewer colours: a third of the size. The octree keeps those that are rare.
                octree = cut.quantize(256, method=Image.Quantize.FASTOCTREE)
                octree.save(folder / f"{page}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
