import { createDocument, showLines, toText } from './documents.js';
import { createDrawing } from './drawing.js';
import { createPlot } from './plots.js';

const at = (id) => document.getElementById(id);

const drawing = createDrawing(at('pod'));
const showStats = createDocument(at('stats'), /(?<=: )-?\d[\d.]*/g);
const showMetrics = createDocument(at('metrics'), /(?<= )-?\d[\d.e+-]*$/gm);

const plotRequests = createPlot(at('requests'), at('requests-legend'), [
  { key: 'letIn', name: 'let in', tone: '--good' },
  { key: 'no_credential', name: 'no key', tone: '--bad' },
  { key: 'bad_credential', name: 'wrong key', tone: '--warn' },
  { key: 'no_route', name: 'nobody may', tone: '--metric' },
  { key: 'ambiguous_path', name: 'trick path', tone: '--log' },
]);
const plotLines = createPlot(at('lines'), at('lines-legend'), [
  { key: 'debug', name: 'debug', tone: '--soft' },
  { key: 'info', name: 'info', tone: '--log' },
  { key: 'warn', name: 'warn', tone: '--warn' },
  { key: 'error', name: 'error', tone: '--bad' },
]);

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const count = (number) => number.toLocaleString('en');

/** Counts of a moment, flat, of which rates are made. */
function countsOf(moment) {
  return {
    asked: sum(Object.fromEntries(Object.entries(moment.callers).map(([k, v]) => [k, v.sent]))),
    refused: sum(moment.refusedByReason),
    letIn: moment.letIn,
    written: moment.written,
    passedOn: moment.passedOn,
    stats: moment.statsRequests,
    ...moment.refusedByReason,
    ...moment.byLevel,
  };
}

/** Rates over the last two seconds, so that a single request does not make a spike. */
const recent = [];
function ratesOf(moment) {
  const counts = countsOf(moment);
  recent.push({ time: moment.time, counts });
  while (recent.length > 1 && recent[0].time < moment.time - 2100) recent.shift();
  const [first] = recent;
  const seconds = (moment.time - first.time) / 1000;
  const rate = ([key, now]) => [key, seconds > 0 ? (now - (first.counts[key] ?? 0)) / seconds : 0];
  return Object.fromEntries(Object.entries(counts).map(rate));
}

function draw(moment, rates) {
  const { prometheus } = moment;
  for (const arrow of ['asked', 'refused', 'letIn', 'written', 'passedOn', 'stats']) {
    drawing.flows(arrow, rates[arrow].toFixed(1), rates[arrow]);
  }
  drawing.flows('read', rates.passedOn.toFixed(1), rates.passedOn);
  drawing.flows('scraped', count(moment.series), rates.stats);
  drawing.says('callers', `${count(sum(countsOfCallers(moment)))} asked`);
  drawing.says('ambassador', `${count(sum(moment.refusedByReason))} turned away`);
  drawing.says('adapter', 'joins 3 pages');
  drawing.says('logTail', `${count(moment.written - moment.passedOn)} behind`);
  drawing.says('app', `${count(moment.letIn)} served`);
  drawing.says('volume', `rotated ${count(moment.rotations)}×`);
  drawing.says('output', `${count(moment.passedOn)} lines`);
  drawing.says('prometheus', prometheus ? `${count(prometheus.samples)} samples` : 'would scrape');
  drawing.apply();
}

const countsOfCallers = (moment) => Object.values(moment.callers).map(({ sent }) => sent);

function showState(moment) {
  const { letIn, refusedByReason, written, prometheus } = moment;
  const state = at('state');
  state.textContent = `${count(letIn)} let in, ${count(sum(refusedByReason))} turned away, ${count(written)} lines`;
  if (!prometheus) return;
  const link = document.createElement('a');
  link.href = `${prometheus.url}/query?g0.expr=rate(shop_orders_total[15s])&g0.tab=0&g0.range_input=5m`;
  link.textContent = 'Prometheus';
  state.append(' · ', link);
}

function show(moment) {
  const rates = ratesOf(moment);
  draw(moment, rates);
  showState(moment);
  plotRequests(moment.time, rates);
  plotLines(moment.time, rates);
  showLines(at('latest'), moment.latest);
  showStats(toText(moment.stats));
  showMetrics(moment.page.join('\n'));
  at('series').textContent =
    `GET /metrics, ${count(moment.series)} series with the containers' own`;
}

const moments = new EventSource('moments');
moments.onmessage = ({ data }) => show(JSON.parse(data));
moments.onerror = () => {
  at('state').textContent = 'the demo has ended';
};
