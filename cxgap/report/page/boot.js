"use strict";
// Draws each figure from the packed block of figures, which names its box, and prepares the page for paper.
// When all is done <html data-figures="drawn/expected"> says how many figures there are.
(async () => {
  const NARROW = 600; // CSS pixels: below this a figure takes its narrow layout
  const SHORT = document.body.classList.contains("executive"); // the page that is to be printed on two sides
  const PAPER = SHORT ? 880 : 680; // A4 between the margins; page.css shrinks the first to the second
  const CLOSE = document.body.classList.contains("analyst") ? 0.75 : 1; // how much smaller figures are on paper
  const SMALLEST = 0.7; // smaller letters are hard to read; a figure that is still too high is drawn less high
  const TALLEST = 820; // pixels of a figure on paper: with its words it must not be higher than Letter
  const TWO_SIDES = 1110; // pixels that the figures of the short page may be high on paper, together
  const USUAL = 4600; // letters of words that the short page has room for beside figures of that height
  const LETTER = 0.14; // pixels of its height that one more letter takes
  const LINE = 17; // pixels of a line of a name
  const boxes = [...document.querySelectorAll("figure > .plot")];
  const figures = await unpacked("figures").then(JSON.parse).catch(() => ({}));

  async function unpacked(name) {
    const bytes = Uint8Array.from(atob(document.getElementById(name).textContent), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  // plotly.js inside the page runs only because the page's policy names the hash of its text.
  async function load() {
    const script = document.createElement("script");
    script.textContent = await unpacked("plotly");
    document.head.append(script); // runs here and now
    script.remove();
    document.getElementById("plotly").remove();
  }

  async function draw(box, width) {
    const { data, layout } = structuredClone(figures[box.id]); // plotly.js writes into what it is given
    const narrow = !width && box.clientWidth < NARROW;
    const own = narrow && layout.meta && layout.meta.cxgap ? layout.meta.cxgap.narrow : {};
    const zoom = width && !SHORT ? Math.max(SMALLEST, Math.min(CLOSE, TALLEST / (layout.height || TALLEST))) : 1;
    const height = Math.min(layout.height || TALLEST, TALLEST / zoom);
    const size = width ? { width: width / zoom, height, autosize: false } : { width: box.clientWidth || undefined };
    if (width && SHORT) {
      size.height = frame(layout) + inside(layout) * share;
      size.annotations = (layout.annotations ?? []).filter((text) => text.name !== "beside marks"); // rows are too low for it
      const names = layout.yaxis?.ticktext;
      if (names) size.yaxis = { ...layout.yaxis, ticktext: names.map(fitting((inside(layout) * share) / names.length)) };
    }
    // Not responsive: plotly.js would forget the height of a figure, and with it the figure, when a window gets narrower.
    const config = { displayModeBar: false, responsive: false, typesetMath: false }; // "$5 to $10" is no formula
    if (!box.dataset.drawn) box.replaceChildren();
    await Plotly.newPlot(box, data, Object.assign({}, layout, own, size), config);
    box.dataset.drawn = narrow ? "narrow" : "wide";
    box.style.minHeight = "";
    box.style.zoom = zoom === 1 ? "" : zoom; // all of a figure, its letters too
    box.setAttribute("aria-hidden", "true"); // the figure's name, description and table say it in words
  }

  // What of a figure's height is text that keeps its size, and what are axes that can be less high.
  const frame = (layout) => (layout.margin?.t ?? 100) + (layout.margin?.b ?? 80);
  const inside = (layout) => (layout.height ?? 450) - frame(layout);
  const sum = (of) => Object.values(figures).reduce((total, figure) => total + of(figure.layout), 0);
  // What long names add to the words of the short page is taken from its figures.
  function spare() {
    const page = document.body.cloneNode(true);
    page.querySelectorAll("details, .behind, .plot, .unseen, script, footer").forEach((part) => part.remove());
    return TWO_SIDES - Math.max(0, page.textContent.length - USUAL) * LETTER;
  }
  const share = SHORT ? Math.max(0.28, Math.min(0.6, (spare() - sum(frame)) / sum(inside))) : 1;
  // On paper a name has as many lines as its row has room for; the screen and the tables have all of it.
  const fitting = (row) => (name) => {
    const lines = name.split("<br>");
    const room = Math.max(1, Math.floor(row / LINE));
    return lines.length > room ? `${lines.slice(0, room).join("<br>")}…` : name;
  };

  async function drawOrExplain(box) {
    const words = box.innerHTML;
    try {
      await draw(box);
      return true;
    } catch (error) {
      box.innerHTML = words;
      return false;
    }
  }

  let closed = [];
  let printing = false;
  function toPaper() {
    printing = true;
    document.documentElement.style.setProperty("--title", JSON.stringify(document.title)); // heads each side but the first
    if (closed.length) return;
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((element) => (element.open = true));
    boxes.filter((box) => box.dataset.drawn).forEach((box) => draw(box, PAPER));
  }
  function fromPaper() {
    printing = false;
    document.documentElement.style.removeProperty("--title");
    closed.forEach((element) => (element.open = false));
    closed = [];
    boxes.filter((box) => box.dataset.drawn).forEach((box) => draw(box));
  }
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);

  let soon = 0;
  function fit() {
    for (const box of boxes) {
      const now = box.clientWidth < NARROW ? "narrow" : "wide";
      if (!box.dataset.drawn || !box.clientWidth || printing) continue;
      if (box.dataset.drawn !== now) draw(box);
      else if (box.layout.width !== box.clientWidth) Plotly.relayout(box, { width: box.clientWidth });
    }
  }
  addEventListener("resize", () => {
    clearTimeout(soon); // a window that is being dragged says so many times
    soon = setTimeout(fit, 60);
  });

  if (document.getElementById("plotly")) await load().catch(() => {});
  const drawn = (await Promise.all(boxes.map(drawOrExplain))).filter(Boolean).length;
  document.documentElement.dataset.figures = `${drawn}/${boxes.length}`;
})();
