"""The nbconvert exporter `cxgap`: an executed notebook in, one offline page out.

`jupyter nbconvert --to cxgap notebook.ipynb`, JupyterLab's "Save and Export Notebook As", jupyter-scheduler and Airflow
find it by its entry point. Nothing of nbconvert's own HTML is used, so it is an `Exporter`, not an `HTMLExporter`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from nbconvert.exporters import Exporter
from traitlets import Enum, default

from cxgap.errors import CxgapError, RunError, listed
from cxgap.report.document import ANALYST, report_page
from cxgap.report.executive import executive_page
from cxgap.report.figures import rows_behind
from cxgap.report.gate import ANALYST_BUDGET, EMBED_BUDGET, SHARED_BUDGET, problems
from cxgap.report.harvest import Harvest, harvest
from cxgap.report.parameters import effective_parameters, misspelt_parameters
from cxgap.report.script import Form
from cxgap.report.wording import paragraph
from cxgap.result import GapTable, Prose, Table

if TYPE_CHECKING:
    from nbformat import NotebookNode


_FORMS = {"executive": executive_page}  # by the page that a notebook asks for; any other gets the usual one


class GapReportExporter(Exporter):
    """Write the page, and refuse one that is incomplete or that does not pass the gate."""

    export_from_notebook = "CX gap report (HTML)"
    output_mimetype = "text/html"

    plotly_js = Enum(
        ["embed", "shared"],
        default_value="embed",
        help="embed: one self-contained file; shared: a page that loads ../assets/plotly-<hash>.min.js.",
    ).tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources.

        Raises
        ------
        RunError : a code cell failed or never ran, the study's rows do not add up, or the page failed the gate.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **options)
        return write_page(notebook, cast(Form, self.plotly_js)), resources


def unfounded(shown: Harvest) -> list[str]:
    """Say that a sentence speaks of a row which no table on the page has: nothing is said but what is shown."""
    # A table writes fewer cells than its frame has rows: the points of a curve stand in the record and in its file.
    tables = [len(table.frame) for table in shown.all(GapTable)]
    tables += [max(len(table.frame), len(table.cells)) for table in shown.all(Table)]
    most = max([0, *tables, *map(rows_behind, shown.all(dict))])
    said = [sentence for prose in shown.all(Prose) for part in (prose.lead, prose.details, prose.limits) for sentence in part]
    lost = sorted({sentence.row for sentence in said if sentence.row is not None and not 0 <= sentence.row < most})
    return [f"a sentence about row {row} of a table that the page does not show" for row in lost[:1]]


def write_page(notebook: NotebookNode, form: Form) -> str:
    """Write the page of an executed notebook, and check it."""
    unknown = misspelt_parameters(notebook)
    if unknown:
        known = listed(effective_parameters(notebook).keys() - set(unknown))
        raise RunError(
            f"The notebook was run with {listed(unknown)}, which it does not have, so its page would mislead; it has {known}."
        )
    shown = harvest(notebook)
    try:
        page = _FORMS.get(shown.page, report_page)(shown, form)
    except CxgapError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # a figure or a record of an odd shape
        raise RunError(f"The page cannot be written: {type(error).__name__}: {paragraph(error)}") from error
    counts = {"figures": len(shown.all(dict)), "tables": len(shown.all(GapTable)), "facts": len(shown.all(Table))}
    own = ANALYST_BUDGET if shown.page == ANALYST else SHARED_BUDGET
    budget = EMBED_BUDGET - SHARED_BUDGET + own if form == "embed" else own
    found = [*unfounded(shown), *problems(page, **counts, budget=budget)]
    if found:
        raise RunError(f"The page did not pass the gate: {'; '.join(found)}.")
    return page
