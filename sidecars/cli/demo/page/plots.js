import uPlot from './uplot.js';

const seconds = 60;

/**
 * A plot of the last minute with its legend. `series` is a list of { key, name, tone }; `tone` is a
 * custom property of the style sheet, so that light and dark both have their colours.
 */
export function createPlot(parent, legend, series) {
  const times = [];
  const values = new Map(series.map(({ key }) => [key, []]));
  const numbers = new Map(series.map((one) => [one.key, addToLegend(legend, one)]));
  const plot = new uPlot(options(parent, series), [[], ...series.map(() => [])], parent);
  new ResizeObserver(() => plot.setSize(sizeOf(parent))).observe(parent);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw());
  return (time, rates) => {
    times.push(time / 1000);
    for (const [key, list] of values) list.push(rates[key] ?? 0);
    while (times[0] < time / 1000 - seconds) {
      times.shift();
      for (const list of values.values()) list.shift();
    }
    plot.setData([times, ...values.values()]);
    for (const [key, element] of numbers) element.textContent = (rates[key] ?? 0).toFixed(1);
  };
}

function options(parent, series) {
  const axis = {
    stroke: () => tone('--soft'),
    grid: { stroke: () => tone('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    ...sizeOf(parent),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { range: (_plot, _min, max) => [max - seconds, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] },
    },
    axes: [
      {
        ...axis,
        values: (plot, ticks) => ticks.map((tick) => ago(plot.scales.x.max - tick)),
        size: 26,
        space: 70,
        splits: everyFifteen,
      },
      { ...axis, size: 40 },
    ],
    series: [
      {},
      ...series.map(({ tone: name }) => ({
        stroke: () => tone(name),
        fill: () => `color-mix(in srgb, ${tone(name)} 12%, transparent)`,
        width: 2,
        points: { show: false },
        paths: uPlot.paths.spline?.(),
      })),
    ],
  };
}

function everyFifteen(plot) {
  const { max } = plot.scales.x;
  return [60, 45, 30, 15, 0].map((back) => max - back);
}

function ago(back) {
  return Math.round(back) === 0 ? 'now' : `-${Math.round(back)} s`;
}

function sizeOf(parent) {
  return { width: parent.clientWidth, height: parent.clientHeight };
}

function tone(name) {
  const probe = document.body;
  probe.style.setProperty('outline-color', `var(${name})`);
  return getComputedStyle(probe).outlineColor;
}

function addToLegend(legend, { name, tone }) {
  const item = document.createElement('li');
  item.style.setProperty('--tone', `var(${tone})`);
  const number = document.createElement('b');
  item.append(name, number);
  legend.append(item);
  return number;
}
