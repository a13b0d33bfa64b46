"""What no source of ours may say: ways by which a text from outside would become code, markup or a file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cxgap"
DISPLAY = {"HTML", "Markdown", "Latex", "Math", "Javascript", "SVG"}  # they fetch an address and read a path
CALLS = {
    "eval", "exec", "compile", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "pickle.loads", "pickle.load",
    "marshal.loads", "joblib.load", "subprocess.getoutput", "__import__",
}  # fmt: skip
OPTIONS = {"escape": False, "shell": True, "render_links": True, "allow_pickle": True}
METHODS = {"read_pickle", "set_tooltips", "render_links"}
OWN_TEMPLATES = {"gaps", "inspection", "questionnaire", "words"}  # sentences of ours, in tables of ours
NAMED = {"hyperlinks", "div_id"}
# What is needed, and why it is safe there.
KNOWN = {
    ("tables/store.py", "pickle.loads"),  # bytes whose hash the run itself noted
}


def faults(source: str, name: str = "x.py") -> list[str]:
    """Return what `source` says that it must not, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = _name(node.func)
        last = called.rpartition(".")[2]
        if (last in DISPLAY or called in CALLS or last in METHODS) and (name, called) not in KNOWN:
            found.append(f"{name}, line {node.lineno}: {called}(")
        for option in node.keywords:
            value = option.value.value if isinstance(option.value, ast.Constant) else None
            if option.arg in NAMED or (option.arg in OPTIONS and value is OPTIONS[option.arg]):
                found.append(f"{name}, line {node.lineno}: {option.arg}=")
        # A template that is not written in the source itself may hold {x.__class__}.
        outside = name.partition("/")[0] not in OWN_TEMPLATES
        if last in ("format", "format_map") and isinstance(node.func, ast.Attribute) and outside and not _own(node.func.value):
            found.append(f"{name}, line {node.lineno}: {called}(")
    return found


def _name(called: ast.expr) -> str:
    """Return `a.b.c`; of what hangs on anything but names, `.c` alone."""
    if isinstance(called, ast.Attribute):
        before = _name(called.value) if isinstance(called.value, ast.Name | ast.Attribute) else ""
        return f"{before}.{called.attr}"
    return called.id if isinstance(called, ast.Name) else ""


def _own(template: ast.expr) -> bool:
    """Whether what is formatted is written in the source, or is no template but a table's style."""
    text = ast.unparse(template)
    return isinstance(template, ast.Constant | ast.JoinedStr) or text.strip("_").isupper() or ".style" in text


def test_no_source_makes_code_markup_or_files_of_a_text_from_outside():
    sources = sorted(PACKAGE.rglob("*.py"))
    assert len(sources) > 300
    said = [fault for path in sources for fault in faults(path.read_text("utf-8"), path.relative_to(PACKAGE).as_posix())]
    assert said == []


@pytest.mark.parametrize(
    "line",
    [
        "HTML(text)", "display.Markdown(text)", "df.to_html(escape=False)", "s.format(hyperlinks='html')", "s.set_tooltips(t)",
        "fig.to_html(div_id=name)", "yaml.load(text)", "pickle.load(file)", "pickle.loads(text)", "run(x, shell=True)",
        "os.system(x)", "eval(x)", "exec(x)", "template.format(**values)", "np.load(x, allow_pickle=True)", "pd.read_pickle(x)",
    ],
)  # fmt: skip
def test_the_rule_can_fail(line):
    assert faults(line)
