"""Texts that a respondent, a file or a caller may hide a script in; a page must show each and do nothing."""

from html.parser import HTMLParser
from itertools import count

_RUN = "document.documentElement.setAttribute('data-pwned','1')"
PWNED = "data-pwned"  # begins the attributes by which the html element tells which of the texts below ran

_PATTERNS = (
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"</title></style></textarea><script>{_RUN}</script>",
    f"<img src=x onerror=\"{_RUN}\">",
    f"<svg/onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<body onload={_RUN}>",
    f"<details open ontoggle={_RUN}><summary>x</summary></details>",
    f"<iframe srcdoc=\"<script>parent.{_RUN}</script>\"></iframe>",
    f"<a href=\"javascript:{_RUN}\">x</a>",
    f"[x](javascript:{_RUN})",
    f"![x](x\" onerror=\"{_RUN})",
    f"<javascript:{_RUN}>",
    f'" autofocus onfocus="{_RUN}" x="',
    f"' onmouseover='{_RUN}' x='",
    f"<meta http-equiv=\"refresh\" content=\"0;url=javascript:{_RUN}\">",
    "<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/refresh>",
    "<link rel=stylesheet href=http://127.0.0.1:9/style>",
    "<style>@import 'http://127.0.0.1:9/import';</style>",
    "<img src=http://127.0.0.1:9/image>",
    "![x](http://127.0.0.1:9/markdown)",
    "<iframe src=http://127.0.0.1:9/frame></iframe>",
    "<base href=http://127.0.0.1:9/>",
    "<form action=http://127.0.0.1:9/><button>x</button></form>",
    "<!-- the rest is lost",
    "<style>the rest is lost",
    "<script>/* the rest is lost",
    "<plaintext>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe",
    "zero\u200bwidth\u2066isolate\u2028line",
    "nul\x00bell\x07escape\x1b[31m",
    "\ud800 lone surrogate",
    "&lt;script&gt; &#x202e; &nbsp;",
    "$5 and paid $10, $$x$$",
    "=1+1",
    "x" * 5000,
    f"<math><mtext><script>{_RUN}</script></mtext></math>",
    f"<object data=\"javascript:{_RUN}\"></object>",
    f"<input autofocus onfocus={_RUN}>",
    f"<marquee onstart={_RUN}>x</marquee>",
    f"<style>@keyframes x{{}}</style><b style=animation-name:x onanimationstart={_RUN}>x</b>",
    f"]]><script>{_RUN}</script>",
    f"--><script>{_RUN}</script>",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    "</script",
    f"<SCRIPT\t>{_RUN}</ScRiPt >",
    f"\uff1cscript\uff1e{_RUN}\uff1c/script\uff1e",
    f"`-{_RUN}-`${{{_RUN}}}",
    f"';{_RUN};'\";{_RUN};//",
    " =1+1",
    "\u200b=1+1",
    "\uff1dHYPERLINK(\"http://127.0.0.1:9/sheet\")",
    "@SUM(1)",
    "+1+cmd|'/c calc'!A1",
    "-2+3",
    '=WEBSERVICE("http://127.0.0.1:9/webservice")',
    '\xa0=HYPERLINK("http://127.0.0.1:9/link","x")',
    "\t=1+1",
    "\r=1+1",
    "-rf",
    "--output=/tmp/elsewhere",
    "ok\r\n2026-01-01T00:00:00Z INFO all delivered",
    '", "state": "ok", "x": "',
    "\x1b]0;owned\x07\x1b[2J\x1b[1;31mred\x9b31m",
    "{x.__class__}",
    "{study.__init__.__globals__}",
    "%s%n%(x)s",
    "%{x}<br>%{customdata}",
    "{{}}",
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "~root/.profile",
    "file:///etc/passwd",
    "s3://bucket/key",
    "http://127.0.0.1:9/text",
    "CON",
    "nul",
    "Caf\u00e9",
    "Cafe\u0301",
    "CAF\u00c9",
    "\u0410\u0421\u041c\u0415 \u2066twin\u2069",
    "n" * 300,
    "$(touch owned)`touch owned`",
    "'; drop table responses; --",
    "NaN",
    "__proto__",
    ".",
)  # fmt: skip
_NUMBER = count()
# Each that runs sets an attribute of its own.
TEXTS = tuple(text.replace(PWNED, f"{PWNED}-{next(_NUMBER)}") for text in _PATTERNS)

# As they may stand in a data frame, which cannot hold a lone surrogate.
CELLS = tuple(text for text in TEXTS if "\ud800" not in text)
# As they may stand in a cell of a file that is read: what has a control character is set aside there.
NAMES = tuple(
    text for text in CELLS if text.isprintable() or not any(ord(mark) < 32 or 127 <= ord(mark) < 160 for mark in text)
)
# What a policy must stop by itself: not a refresh, and nothing that swallows the page.
RAW = tuple(text for text in TEXTS if text.startswith("<") and not any(w in text for w in ("lost", "plaintext", "refresh")))


def ran(document: str) -> list[str]:
    """Return the attributes of the html element that a text set by running."""
    reader = _Root()
    reader.feed(document[:20_000])
    return [name for name in reader.names or () if name.startswith(PWNED)]


class _Root(HTMLParser):
    """Note which attributes the first element has: their values may quote anything."""

    names: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.names is None:
            self.names = [name for name, _ in attrs]
