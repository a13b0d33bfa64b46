"""Draw what is true of the synthetic study and no finite sum gives, and write it down; takes some minutes.

cxgap/simulate/drawn.py holds what is drawn of answers, cxgap/simulate/drawn_actions.py what is drawn of leaving and contacts.
Name either, without its ending, to draw that alone.
"""

from __future__ import annotations

import pprint
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cxgap.simulate.draws import combined, one_draw
from cxgap.simulate.whatif import one_action_draw

FOLDER = Path(__file__).resolve().parents[1] / "cxgap" / "simulate"
PAGES: dict[str, tuple[Callable[..., Any], int]] = {
    "drawn": (one_draw, 8),
    "drawn_actions": (one_action_draw, 9),
}  # and the seed
DRAWS, RESPONDENTS = 50, 40_000
HEAD = '''"""What tools/truth.py drew: [mean, standard error] of {draws} studies of {respondents:,} respondents each."""

from __future__ import annotations

from typing import Any, Final

DRAWS: Final = {draws}
RESPONDENTS: Final = {respondents}
DRAWN: Final[dict[str, dict[str, Any]]] = '''


def main() -> None:
    """Draw, and write the modules."""
    for name in sys.argv[1:] or PAGES:
        draw, seed = PAGES[name]
        draws = []
        for place, each in enumerate(np.random.SeedSequence(seed).spawn(DRAWS), 1):
            draws.append(draw(np.random.default_rng(each), RESPONDENTS))
            print(f"{name}: {place} of {DRAWS}", file=sys.stderr)
        head = HEAD.format(draws=DRAWS, respondents=RESPONDENTS)
        text = head + pprint.pformat(combined(draws), width=120, sort_dicts=False) + "\n"
        (FOLDER / f"{name}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
