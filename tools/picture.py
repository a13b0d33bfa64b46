"""Draw a page as a PNG with headless Chromium, offline: `python tools/picture.py PAGE PICTURE`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",  # Chromium does not run as root with its sandbox; the page is our own
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--window-size=1060,1500",
    "--virtual-time-budget=10000",  # milliseconds of the page's own clock, so that every figure is drawn
)


def draw(page: Path, picture: Path) -> None:
    """Draw the top of `page` into `picture`, or exit with one line that says why not."""
    browser = next(filter(None, map(which, BROWSERS)), None)
    if browser is None:
        sys.exit("No Chromium here: sudo apt install chromium")
    if not page.is_file():
        sys.exit(f"There is no page {page}: make report")
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        drawn = Path(profile) / "page.png"
        command = [browser, *OPTIONS, f"--user-data-dir={profile}", f"--screenshot={drawn}", page.resolve().as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if not drawn.is_file():
            sys.exit(f"Chromium drew nothing:\n{done.stderr}")
        picture.write_bytes(drawn.read_bytes())
    print(picture)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
