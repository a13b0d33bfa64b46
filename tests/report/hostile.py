"""Texts that a respondent, a file or a caller may hide a script in; a page must show each and do nothing."""

_RUN = "document.documentElement.setAttribute('data-pwned','1')"

TEXTS = (
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
)  # fmt: skip

# As they may stand in a data frame, which cannot hold a lone surrogate.
CELLS = tuple(text for text in TEXTS if "\ud800" not in text)
# What a policy must stop by itself: not a refresh, and nothing that swallows the page.
RAW = tuple(text for text in TEXTS if text.startswith("<") and not any(w in text for w in ("lost", "plaintext", "refresh")))
