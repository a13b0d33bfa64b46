"""The page's scripts and the policy that lets these, and nothing else, run.

plotly.js is either one file that all pages of a folder share, or travels inside the page, packed. In both forms the
policy names what may run: a policy of hashes alone, or the page's own folder beside the hash of `boot.js`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

Form = Literal["embed", "shared", "none"]

PAGE: Final = Path(__file__).parent / "page"
ASSETS: Final = "assets"
PACKED_TYPE: Final = "application/gzip"
_POLICY: Final = (
    "default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


class Scripts(NamedTuple):
    """The content of the policy, and the elements that end the body."""

    policy: str
    elements: str


@cache
def boot() -> str:
    """Return the script that draws the figures and prepares the page for paper."""
    return (PAGE / "boot.js").read_text(encoding="utf-8")


@cache
def style() -> str:
    """Return the one style sheet."""
    return (PAGE / "page.css").read_text(encoding="utf-8")


@cache
def plotly_text() -> str:
    """Return plotly.js as it came with plotly."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def source_hash(text: str) -> str:
    """Return the word by which a policy allows a script of exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def shared_name() -> str:
    """Return the name of the shared file; another plotly has another name, so old pages keep theirs."""
    return f"plotly-{hashlib.sha256(plotly_text().encode()).hexdigest()[:16]}.min.js"


def packed(text: str) -> str:
    """Return `text` as `boot.js` unpacks it."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def unpacked(text: str) -> str:
    """Return what `packed` was given; OSError, EOFError or ValueError if it is something else."""
    return gzip.decompress(base64.b64decode(text, validate=True)).decode()


@cache
def _packed_plotly() -> str:
    return packed(plotly_text())


def policy(*sources: str) -> str:
    """Return the policy under which scripts of `sources` may run; none without one."""
    return _POLICY.format(sources=" ".join(sources) or "'none'")


def scripts(form: Form) -> Scripts:
    """Return the policy and the scripts of a page: plotly packed inside it, beside it, or not needed."""
    start = f"<script>{boot()}</script>"
    if form == "embed":
        block = f'<script type="{PACKED_TYPE}" id="plotly">{_packed_plotly()}</script>'
        return Scripts(policy(source_hash(plotly_text()), source_hash(boot())), block + start)
    if form == "shared":
        return Scripts(policy("'self'", source_hash(boot())), f'<script src="../{ASSETS}/{shared_name()}"></script>{start}')
    return Scripts(policy(source_hash(boot())), start)
