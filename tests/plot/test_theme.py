from __future__ import annotations

import pytest

from cxgap.plot.theme import BAND, FILLS, INK, LETTERS, MUTED, PALE_BLUE, PALE_VERMILION, PAPER, RULE


def luminance(color):
    """WCAG 2.2, relative luminance."""
    shares = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a, b):
    """WCAG 2.2, contrast ratio."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [PALE_VERMILION, PALE_BLUE, BAND, PAPER, RULE])
def test_ink_can_be_read_on_every_ground(ground):
    assert contrast(INK, ground) >= 4.5


@pytest.mark.parametrize("color", [*LETTERS.values(), MUTED])
def test_coloured_text_can_be_read_on_paper(color):
    assert contrast(color, PAPER) >= 4.5


@pytest.mark.parametrize("ground", [PAPER, BAND])
@pytest.mark.parametrize("color", [*FILLS.values()])
def test_marks_stand_out_from_paper_and_band(color, ground):
    assert contrast(color, ground) >= 3
