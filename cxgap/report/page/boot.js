"use strict";
// Draws each figure from the JSON block that names its box, and prepares the page for paper.
// When all is done <html data-figures="drawn/expected"> says how many figures there are.
(async () => {
  const NARROW = 600; // CSS pixels: below this a figure takes its narrow layout
  const PAPER = 680; // A4 between the margins of page.css
  const blocks = [...document.querySelectorAll("script[data-figure]")];
  const boxOf = (block) => document.getElementById(block.dataset.figure);

  // plotly.js inside the page runs only because the page's policy names the hash of its text.
  async function unpack(packed) {
    const bytes = Uint8Array.from(atob(packed.textContent), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script); // runs here and now
    script.remove();
    packed.remove();
  }

  async function draw(block, width) {
    const box = boxOf(block);
    const { data, layout } = JSON.parse(block.textContent);
    const narrow = !width && box.clientWidth < NARROW;
    const own = narrow && layout.meta && layout.meta.cxgap ? layout.meta.cxgap.narrow : {};
    const size = width ? { width, autosize: false } : { width: undefined, autosize: true };
    const config = { displayModeBar: false, responsive: !width, typesetMath: false }; // "$5 to $10" is no formula
    if (!block.dataset.drawn) box.replaceChildren();
    await Plotly.newPlot(box, data, Object.assign({}, layout, own, size), config);
    block.dataset.drawn = narrow ? "narrow" : "wide";
    box.style.minHeight = "";
    box.setAttribute("aria-hidden", "true"); // the figure's name, description and table say it in words
  }

  async function drawOrExplain(block) {
    const box = boxOf(block);
    const words = box.innerHTML;
    try {
      await draw(block);
      return true;
    } catch (error) {
      box.innerHTML = words;
      return false;
    }
  }

  let closed = [];
  function toPaper() {
    if (closed.length) return;
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((element) => (element.open = true));
    blocks.filter((block) => block.dataset.drawn).forEach((block) => draw(block, PAPER));
  }
  function fromPaper() {
    closed.forEach((element) => (element.open = false));
    closed = [];
    blocks.filter((block) => block.dataset.drawn).forEach((block) => draw(block));
  }
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);

  addEventListener("resize", () => {
    for (const block of blocks) {
      const now = boxOf(block).clientWidth < NARROW ? "narrow" : "wide";
      if (block.dataset.drawn && block.dataset.drawn !== now) draw(block);
    }
  });

  const packed = document.getElementById("plotly");
  if (packed) await unpack(packed).catch(() => {});
  const drawn = (await Promise.all(blocks.map(drawOrExplain))).filter(Boolean).length;
  document.documentElement.dataset.figures = `${drawn}/${blocks.length}`;
})();
