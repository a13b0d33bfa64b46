"""Draw what is true of the synthetic study and no finite sum gives, and write cxgap/simulate/drawn.py; takes some minutes."""

from __future__ import annotations

import pprint
import sys
from pathlib import Path

import numpy as np

from cxgap.simulate.draws import combined, one_draw

PAGE = Path(__file__).resolve().parents[1] / "cxgap" / "simulate" / "drawn.py"
DRAWS, RESPONDENTS, SEED = 50, 40_000, 8
HEAD = '''"""What tools/truth.py drew: [mean, standard error] of {draws} studies of {respondents:,} respondents each."""

from __future__ import annotations

from typing import Any, Final

DRAWS: Final, RESPONDENTS: Final = {draws}, {respondents}
DRAWN: Final[dict[str, dict[str, Any]]] = '''


def main() -> None:
    """Draw, and write the module."""
    draws = []
    for place, seed in enumerate(np.random.SeedSequence(SEED).spawn(DRAWS), 1):
        draws.append(one_draw(np.random.default_rng(seed), RESPONDENTS))
        print(f"{place} of {DRAWS}", file=sys.stderr)
    head = HEAD.format(draws=DRAWS, respondents=RESPONDENTS).replace(
        f"DRAWS: Final, RESPONDENTS: Final = {DRAWS}, {RESPONDENTS}",
        f"DRAWS: Final = {DRAWS}\nRESPONDENTS: Final = {RESPONDENTS}",
    )
    PAGE.write_text(head + pprint.pformat(combined(draws), width=120, sort_dicts=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
