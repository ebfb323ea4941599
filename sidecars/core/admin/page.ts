/** The page for people: it asks `/status` every two seconds and needs nothing from elsewhere. */
export function renderPage(container: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>podmates ${container}</title>
<style>${style}</style>
<header><h1>podmates <b>${container}</b></h1><p id="ready">asking…</p></header>
<nav><a href="metrics">metrics</a> <a href="readyz">readyz</a> <a href="config">config</a> <a href="status">status</a></nav>
<main></main>
<script>${script}</script>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f4b; --bad: #c0392b }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1rem }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between }
h1 { font-size: 1.3rem; font-weight: 400 } h2 { font-size: 1rem; margin: 1.5rem 0 .4rem }
nav a { margin-right: 1rem } a { color: inherit }
.good { color: var(--good) } .bad { color: var(--bad) }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 600; white-space: nowrap } td { overflow-wrap: anywhere } td.number { font-variant-numeric: tabular-nums }
p.empty { opacity: .7 }`;

const script = `
const make = (tag, text, className) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (className) e.className = className; return e };
const table = (columns, rows) => {
  const head = make('tr'); head.append(...columns.map((c) => make('th', c)));
  const body = rows.map((row) => { const tr = make('tr'); tr.append(...row.map((c) => make('td', typeof c === 'number' ? c.toLocaleString('en') : c, typeof c === 'number' ? 'number' : ''))); return tr });
  const t = make('table'); t.append(head, ...body);
  const box = make('div', undefined, 'scroll'); box.append(t); return box };
const show = (status) => {
  const ready = document.getElementById('ready');
  ready.textContent = status.ready ? 'ready' : 'not ready'; ready.className = status.ready ? 'good' : 'bad';
  const checks = Object.entries(status.checks).map(([name, c]) => [name, c.ok ? 'ok' : 'failing', c.message ?? '']);
  const sections = [{ title: 'Checks', columns: ['check', 'state', 'says'], rows: checks, empty: 'No checks.' }, ...status.sections];
  document.querySelector('main').replaceChildren(...sections.flatMap((s) => [make('h2', s.title), s.rows.length ? table(s.columns, s.rows) : make('p', s.empty ?? 'Nothing yet.', 'empty')])) };
const ask = async () => {
  try { show(await (await fetch('status')).json()) }
  catch { const r = document.getElementById('ready'); r.textContent = 'no answer'; r.className = 'bad' }
  setTimeout(ask, 2000) };
ask();`;
