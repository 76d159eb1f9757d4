// The kinds of traces that figures of sim/report and sim/explorer have; lines and points belong to the core.
const Plotly = require("plotly.js/lib/core");
Plotly.register([
  require("plotly.js/lib/bar"),
  require("plotly.js/lib/heatmap"),
  require("plotly.js/lib/sankey"),
  require("plotly.js/lib/waterfall"),
]);
module.exports = Plotly;
