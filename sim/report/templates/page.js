"use strict";
(() => {
  const waiting = new Set(document.querySelectorAll("[data-specification]"));
  const visible = (box) => box.offsetParent !== null;

  const draw = (box) => {
    waiting.delete(box);
    const text = document.getElementById(box.dataset.specification).textContent;
    const { data, layout, config } = JSON.parse(text);
    Plotly.newPlot(box, data, layout, config);
  };
  const drawVisible = () => [...waiting].filter(visible).forEach(draw);

  // One figure per turn, so that the page can be read and scrolled while the rest is drawn.
  const drawNext = () => {
    const box = [...waiting].find(visible);
    if (box === undefined) {
      document.documentElement.dataset.drawn = "yes";
      return;
    }
    draw(box);
    setTimeout(drawNext);
  };
  drawNext();
  addEventListener("resize", drawVisible);

  if (matchMedia("(max-width: 44rem)").matches) {
    for (const details of document.querySelectorAll("[data-open-on-narrow]")) details.open = true;
  }

  // Paper has its own width: plotly would otherwise print figures as wide as the screen.
  const drawn = () => [...document.querySelectorAll(".js-plotly-plot")].filter(visible);
  const narrowest = 660;
  addEventListener("beforeprint", () => {
    drawVisible();
    for (const box of drawn()) {
      const width = Math.min(box.clientWidth, narrowest);
      Plotly.relayout(box, { autosize: false, width });
    }
  });
  addEventListener("afterprint", () => {
    for (const box of drawn()) {
      Plotly.relayout(box, { autosize: true, width: null }).then(() => Plotly.Plots.resize(box));
    }
  });

  for (const input of document.querySelectorAll("[data-filters]")) {
    const rows = [...document.querySelectorAll(`#${input.dataset.filters} tbody tr`)];
    const count = document.querySelector(`output[for="${input.id}"]`);
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
    };
    input.addEventListener("input", show);
    input.closest(".filter").hidden = false;
    show();
  }
})();
