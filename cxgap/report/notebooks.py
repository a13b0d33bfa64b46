"""Which notebook is meant, and the name its report goes by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cxgap.errors import ArgumentError, nearest
from cxgap.export.names import NUMBER
from cxgap.shipped import shipped

if TYPE_CHECKING:
    from nbformat import NotebookNode


def shipped_notebooks() -> list[Path]:
    """Return the notebooks that came with cxgap, in their order."""
    return sorted(shipped("notebooks").glob("[0-9][0-9]_*.ipynb"))


def find_notebook(notebook: str | os.PathLike[str]) -> Path:
    """Return the file that is meant by a path, or by the slug or name of a shipped notebook.

    Parameters
    ----------
    notebook : a path to a local file, or "customer", or "05_customer"

    Raises
    ------
    ArgumentError : there is no such notebook, or it is not a regular file.
    """
    path = Path(notebook)
    known = {NUMBER.sub("", found.stem): found for found in shipped_notebooks()}
    by_name = known | {found.stem: found for found in known.values()}
    if isinstance(notebook, str) and notebook in by_name:
        return by_name[notebook]
    try:
        if path.is_file():
            return path.absolute()
        exists = path.exists()
    except ValueError:  # a NUL in the name
        exists = False
    if exists:
        raise ArgumentError(f"`notebook` must be a regular file, not {os.fspath(notebook)!r}.")
    near = nearest(NUMBER.sub("", path.stem), known)
    raise ArgumentError(
        f"`notebook` must be a file on this machine or one of {list(known)}, not {os.fspath(notebook)!r}.{near}"
    )


def read_notebook(path: Path) -> NotebookNode:
    """Read a Python notebook.

    Raises
    ------
    ArgumentError : the file is no notebook, or not one in Python.
    """
    import nbformat

    try:
        # Bytes through `reads`: nbformat's own `read` would take the platform's encoding.
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise ArgumentError(f"`notebook` must be a Jupyter notebook, but {path.name} cannot be read as one: {error}") from error
    metadata = notebook.metadata
    language = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name") or "python"
    if language.lower() != "python":
        raise ArgumentError(f"`notebook` must be in Python, but {path.name} is in {language}.")
    return notebook
