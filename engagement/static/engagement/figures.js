// Draws the charts of the figures page from the JSON that the page carries; the tables hold the same numbers.

const data = JSON.parse(document.getElementById("figures-data").textContent);
const places = [...document.querySelectorAll("[data-chart]")];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const charts = new Map();

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink"), soft: token("--ink-soft"), line: token("--line"), paper: token("--paper"),
    colours: [token("--accent"), token("--warn-mark"), token("--good")],
    font: getComputedStyle(document.body).fontFamily,
  };
}

function axes(chart, look, narrow) {
  const words = { color: look.soft, fontFamily: look.font, hideOverlap: true };
  const labels = {
    type: "category", data: chart.labels, inverse: Boolean(chart.sideways),
    axisLabel: chart.sideways ? { ...words, width: narrow ? 110 : 180, overflow: "break", hideOverlap: false } : words,
    axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false },
  };
  const values = {
    type: "value", name: chart.unit, nameTextStyle: words, axisLabel: words, minInterval: 1,
    // Below the middle of lying bars; beside their end it would be cut off.
    ...(chart.sideways ? { nameLocation: "middle", nameGap: 28 } : {}),
    splitLine: { lineStyle: { color: look.line } },
  };
  return chart.sideways ? { xAxis: values, yAxis: labels } : { xAxis: labels, yAxis: values };
}

// One digit behind the point, as in the table.
function rounded({ value }) {
  return value === null ? "" : Number(value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
}

function options(chart, look, narrow) {
  return {
    animation: !calm.matches,
    color: look.colours,
    textStyle: { fontFamily: look.font, color: look.ink },
    grid: {
      left: 8, right: chart.sideways ? 40 : 24, top: chart.series.length > 1 || !chart.sideways ? 48 : 8,
      bottom: chart.sideways ? 28 : 8, containLabel: true,
    },
    legend: { show: chart.series.length > 1, top: 0, textStyle: { color: look.ink } },
    // As drawn text: boxes of HTML would carry style attributes, which the page's policy forbids.
    tooltip: {
      trigger: "axis", renderMode: "richText", backgroundColor: look.paper, borderColor: look.line,
      textStyle: { color: look.ink },
    },
    ...axes(chart, look, narrow),
    series: chart.series.map((series, place) => ({
      name: series.name, type: series.type, data: series.values, connectNulls: false,
      // Told apart by shape as well as by colour.
      symbol: place ? "rect" : "circle", symbolSize: 7, lineStyle: { width: 2, type: place ? "dashed" : "solid" },
      barMaxWidth: 22, barGap: "10%",
      label: { show: Boolean(chart.sideways), position: "right", color: look.ink, formatter: rounded },
    })),
  };
}

function draw() {
  const look = tokens();
  for (const place of places) {
    const chart = data[place.dataset.chart];
    if (!chart || !chart.labels.length) continue;
    place.hidden = false;
    // A line of its own for every group and each of its bars.
    if (chart.tall) place.classList.add(chart.labels.length > 8 ? "figures-chart-tall" : "figures-chart");
    if (!charts.has(place)) charts.set(place, window.echarts.init(place, null, { renderer: "canvas" }));
    charts.get(place).setOption(options(chart, look, place.clientWidth < 480), true);
  }
}

if (window.echarts) {
  draw();
  dark.addEventListener("change", draw);
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
}
