"""A form on paper: one HTML page that opens offline and prints on A4, without scripts."""

from __future__ import annotations

from cxgap.markup import escape
from cxgap.questionnaire.form import Choice, Form, Grid, Number, Points, Question

STYLE = """@page { size: A4; margin: 12mm }
body { font: 11pt/1.4 system-ui, sans-serif; color: #1a1a1a; max-width: 190mm; margin: 10mm auto; padding: 0 4mm }
h1 { font-size: 16pt; margin: 0 0 6mm }
p { margin: 5mm 0 2mm; font-weight: 600 }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt }
caption { text-align: left; font-weight: 600; margin: 5mm 0 2mm }
th, td { border-bottom: 1px solid #bbb; padding: 1.6mm 1mm; text-align: center }
tbody th { text-align: left; font-weight: 400; min-width: 50mm }
thead { display: table-header-group }
thead th { vertical-align: bottom }
tr { break-inside: avoid }
ul { list-style: none; padding: 0 }
li { margin: 1.5mm 0 }
.first { border-left: 2px solid #555 }
.box { display: inline-block; width: 4mm; height: 4mm; border: 1px solid #555 }
.round { border-radius: 50% }
.line { border-bottom: 1px solid #555; width: 30mm }
.end { width: 22mm }"""
LYING = "@page { size: A4 landscape } body { max-width: 277mm }"  # where three ratings stand side by side
BOX, ROUND = '<span class="box"></span>', '<span class="box round"></span>'


def page(form: Form) -> str:
    """Write the page."""
    body = "\n".join(_question(question) for question in form.questions)
    title = escape(form.title)
    side_by_side = max((len(question.ratings) for question in form.questions if isinstance(question, Grid)), default=1)
    style = STYLE + (LYING if side_by_side > 2 else "")
    return (
        f'<!doctype html>\n<html lang="{form.language}"><head><meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title><style>{style}</style></head>\n<body><main><h1>{title}</h1>\n{body}\n</main></body></html>\n"
    )


def _question(question: Question) -> str:
    if isinstance(question, Choice):
        options = "".join(f"<li>{ROUND} {escape(option)}</li>" for option in question.options)
        return f"<p>{escape(question.text)}</p><ul>{options}</ul>"
    if isinstance(question, Grid):
        return _grid(question)
    if isinstance(question, Points):
        rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td class="line"></td></tr>' for name in question.names)
        total = '<tr><th scope="row"></th><td>100</td></tr>'
        return f"<table><caption>{escape(question.text)}</caption><tbody>{rows}{total}</tbody></table>"
    if isinstance(question, Number):
        return f'<p>{escape(question.text)} <span class="line">&emsp;&emsp;&emsp;&emsp;</span></p>'
    answers = range(question.low, question.high + 1)
    heads = "".join(f'<th scope="col">{answer}</th>' for answer in answers)
    boxes = f"<td>{ROUND}</td>" * len(answers)
    caption = f"<caption>{escape(question.text)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody><tr>{boxes}</tr></tbody></table>"


def _grid(grid: Grid) -> str:
    answers = range(grid.low, grid.high + 1)
    width = len(answers) + 1
    over = "".join(f'<th class="first" scope="colgroup" colspan="{width}">{escape(rating)}</th>' for rating in grid.ratings)
    numbers = "".join(f'<th scope="col"{_first(place)}>{answer}</th>' for place, answer in enumerate(answers))
    heads = (numbers + f'<th scope="col" class="end">{escape(grid.none)}</th>') * len(grid.ratings)
    rows = "".join(
        f'<tr><th scope="row">{escape(item)}</th>'
        + "".join(
            "".join(f"<td{_first(place)}>{ROUND if column else ''}</td>" for place in range(len(answers)))
            + f"<td>{BOX if column else ''}</td>"
            for column in columns
        )
        + "</tr>"
        for item, columns in zip(grid.items, grid.columns, strict=True)
    )
    caption = f"<caption>{escape(grid.text)}</caption>"
    return f"<table>{caption}<thead><tr><td></td>{over}</tr><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _first(place: int) -> str:
    return ' class="first"' if place == 0 else ""
