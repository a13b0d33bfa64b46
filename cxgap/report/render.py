"""The nbconvert exporter `cxgap`: an executed notebook in, one offline page out.

`jupyter nbconvert --to cxgap notebook.ipynb`, JupyterLab's "Save and Export Notebook As", jupyter-scheduler and Airflow
find it by its entry point. Nothing of nbconvert's own HTML is used, so it is an `Exporter`, not an `HTMLExporter`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from nbconvert.exporters import Exporter
from traitlets import Enum, default

from cxgap.errors import CxgapError, RunError
from cxgap.report.document import report_page
from cxgap.report.gate import EMBED_BUDGET, SHARED_BUDGET, problems
from cxgap.report.harvest import harvest
from cxgap.report.script import Form
from cxgap.report.wording import paragraph
from cxgap.result import GapTable, Table

if TYPE_CHECKING:
    from nbformat import NotebookNode


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


def write_page(notebook: NotebookNode, form: Form) -> str:
    """Write the page of an executed notebook, and check it."""
    shown = harvest(notebook)
    try:
        page = report_page(shown, form)
    except CxgapError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # a figure or a record of an odd shape
        raise RunError(f"The page cannot be written: {type(error).__name__}: {paragraph(error)}") from error
    counts = {"figures": len(shown.all(dict)), "tables": len(shown.all(GapTable)), "facts": len(shown.all(Table))}
    budget = EMBED_BUDGET if form == "embed" else SHARED_BUDGET
    found = problems(page, **counts, budget=budget)
    if found:
        raise RunError(f"The page did not pass the gate: {'; '.join(found)}.")
    return page
