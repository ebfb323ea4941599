import { mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import { type Curve, drawCurve } from './curve.ts';
import { applyLoad } from './load.ts';
import { plainConfig } from './log-tail-configs.ts';
import { describeMachine } from './machine.ts';
import { scratch, startContestant, startPodmates } from './podmates.ts';
import { freePort, listening, type Program } from './program.ts';
import * as proxies from './proxies.ts';
import { seconds } from './span.ts';
import { adapterConfig } from './stats-document.ts';
import { createIssuer, type Issuer } from './tokens.ts';
import { untilQuiet } from './until-quiet.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});

/** The sizes of a curve: all of them, or the ends and the middle when quick. */
function sizes(...all: readonly number[]): readonly number[] {
  return values.quick ? all.filter((_, index) => index % 2 === 0) : all;
}

async function measured(program: Program, units: number, work: () => Promise<unknown>) {
  const before = program.cost().cpuSeconds;
  await work();
  const after = program.cost();
  return { cpuPerUnit: (after.cpuSeconds - before) / units, residentBytes: after.residentBytes };
}

async function series(): Promise<Curve> {
  const points = [];
  for (const count of sizes(100, 1000, 10_000, 100_000)) {
    const [originPort, port] = [await freePort(), await freePort()];
    const origin = startContestant('stats-origin.mjs', [originPort, count / 4], { core: 1 });
    await listening(originPort);
    const program = startPodmates(
      'adapter',
      adapterConfig(`http://127.0.0.1:${originPort}/`, port),
      { core: 0 },
    );
    await listening(port);
    const scrapes = Math.max(10, Math.min(300, 1_000_000 / count));
    const scrape = async () => {
      for (let n = 0; n < scrapes; n++) {
        const { body } = await request(`http://127.0.0.1:${port}/metrics`);
        await body.text();
      }
    };
    await scrape();
    points.push({ size: count, ...(await measured(program, scrapes * count, scrape)) });
    await program.stop();
    await origin.stop();
  }
  return { name: 'adapter: series on a page', unit: 'series', size: 'series', points };
}

const loadSeconds = values.quick ? 1 : 3;

async function routes(appPort: number): Promise<Curve> {
  const points = [];
  for (const count of sizes(10, 100, 1000, 10_000)) {
    const [port, adminPort] = [await freePort(), await freePort()];
    const list = Array.from(
      { length: count },
      (_, n) => `    - { path: /area-${n}/*/items/**, public: true }\n`,
    );
    const program = startPodmates(
      'ambassador',
      `${ambassador(port, adminPort, appPort)}  routes:\n${list.join('')}`,
      { core: 0 },
    );
    await listening(port);
    const load = {
      url: `http://127.0.0.1:${port}/area-${count - 1}/x/items/7`,
      seconds: loadSeconds,
      connections: 64,
    };
    await applyLoad({ ...load, seconds: 1 });
    points.push(await loaded(program, count, load));
    await program.stop();
  }
  return { name: 'ambassador: routes', unit: 'request', size: 'routes', points };
}

async function loaded(program: Program, size: number, load: Parameters<typeof applyLoad>[0]) {
  const before = program.cost().cpuSeconds;
  const report = await applyLoad(load);
  if (report.failures > 0)
    throw new Error(`${report.failures} of ${report.requests} requests failed at ${size}`);
  const after = program.cost();
  return {
    size,
    cpuPerUnit: (after.cpuSeconds - before) / report.requests,
    residentBytes: after.residentBytes,
  };
}

async function connections(appPort: number): Promise<Curve> {
  const points = [];
  for (const count of sizes(1, 10, 100, 1000, 4000)) {
    const [port, adminPort] = [await freePort(), await freePort()];
    const program = startPodmates(
      'ambassador',
      `${ambassador(port, adminPort, appPort)}  limits: { connections: 20000 }\n  routes: [{ path: /**, public: true }]\n`,
      { core: 0 },
    );
    await listening(port);
    const load = { url: `http://127.0.0.1:${port}/page`, seconds: loadSeconds, connections: count };
    await applyLoad({ ...load, seconds: 1 });
    points.push(await loaded(program, count, load));
    await program.stop();
  }
  return { name: 'ambassador: connections', unit: 'request', size: 'connections', points };
}

async function tokens(appPort: number, issuer: Issuer): Promise<Curve> {
  const folder = scratch();
  writeFileSync(join(folder, 'jwks.json'), issuer.jwks);
  const points = [];
  for (const count of sizes(1, 10, 100, 1000, 10_000)) {
    const script = join(folder, `tokens-${count}.lua`);
    const list = Array.from({ length: count }, (_, n) =>
      JSON.stringify(issuer.mint(`caller-${n}`)),
    );
    writeFileSync(
      script,
      `local tokens = {}\n${list.map((token, n) => `tokens[${n + 1}] = ${token}`).join('\n')}\nlocal turn = 0\nrequest = function()\n  turn = turn % #tokens + 1\n  return wrk.format(nil, nil, { ["Authorization"] = "Bearer " .. tokens[turn] })\nend\n`,
    );
    const [port, adminPort] = [await freePort(), await freePort()];
    const program = startPodmates(
      'ambassador',
      `${ambassador(port, adminPort, appPort)}  auth: { bench: { type: jwt, issuer: "https://issuer.bench", audience: [bench], algorithms: [RS256], jwks: { file: ${folder}/jwks.json } } }\n  routes: [{ path: /**, auth: [bench] }]\n`,
      { core: 0 },
    );
    await listening(port);
    const load = {
      url: `http://127.0.0.1:${port}/page`,
      seconds: loadSeconds,
      connections: 64,
      script,
    };
    await applyLoad({ ...load, seconds: 2 });
    points.push(await loaded(program, count, load));
    await program.stop();
  }
  rmSync(folder, { recursive: true });
  return { name: 'ambassador: tokens in turn', unit: 'request', size: 'tokens', points };
}

const ambassador = (port: number, adminPort: number, appPort: number) => `ambassador:
  listen: "127.0.0.1:${port}"
  admin: { listen: "127.0.0.1:${adminPort}" }
  upstream: { url: "http://127.0.0.1:${appPort}" }
`;

/** The same 64 MB, as ever more files or ever longer lines. */
async function followed(
  name: string,
  size: string,
  all: readonly number[],
  make: (folder: string, size: number) => void,
): Promise<Curve> {
  const points = [];
  for (const count of all) {
    const folder = join(scratch(), 'logs');
    mkdirSync(folder);
    make(folder, count);
    const out = join(folder, 'out');
    const program = startPodmates('log-tail', plainConfig(`${folder}/*.log`), {
      core: 0,
      stdout: openSync(out, 'w'),
    });
    const { last } = await untilQuiet(() => statSync(out).size, 1500);
    const { cpuSeconds, residentBytes } = program.cost();
    points.push({ size: count, cpuPerUnit: cpuSeconds / (last / 1e6), residentBytes });
    await program.stop();
    rmSync(folder, { recursive: true });
  }
  return { name, unit: 'MB', size, points };
}

const megabytes = 64;

const files = () =>
  followed('log-tail: files', 'files', sizes(1, 10, 100, 1000, 10_000), (folder, count) => {
    const line = `${'x'.repeat(99)}\n`;
    const text = line.repeat((megabytes * 1e4) / count);
    for (let n = 0; n < count; n++) writeFileSync(join(folder, `${n}.log`), text);
  });

const lineLengths = () =>
  followed(
    'log-tail: bytes in a line',
    'bytes',
    sizes(100, 1000, 10_000, 100_000, 1_000_000),
    (folder, length) => {
      const line = `${'x'.repeat(length - 1)}\n`;
      writeFileSync(join(folder, 'app.log'), line.repeat((megabytes * 1e6) / length));
    },
  );

const [appPort, authPort] = [await freePort(), await freePort()];
const issuer = createIssuer();
const origin = proxies.startOrigin({ appPort, authPort, issuer });
await listening(appPort);
const curves: Curve[] = [];
try {
  for (const draw of [
    series,
    () => routes(appPort),
    () => tokens(appPort, issuer),
    () => connections(appPort),
    files,
    lineLengths,
  ]) {
    const curve = await draw();
    console.error(
      curve.name,
      curve.points.map((p) => `${p.size}: ${seconds(p.cpuPerUnit)}`).join(', '),
    );
    curves.push(curve);
  }
} finally {
  await origin.stop();
}
mkdirSync(values.results, { recursive: true });
const machine = describeMachine();
writeFileSync(
  join(values.results, 'growth.json'),
  `${JSON.stringify({ machine, curves }, null, 2)}\n`,
);
const sections = curves.map((curve) => {
  const file = `growth-${curve.name.replace(/\W+/g, '-')}.svg`;
  writeFileSync(join(values.results, file), drawCurve(curve));
  const rows = curve.points.map(
    (p) => `| ${p.size} | ${seconds(p.cpuPerUnit)} | ${(p.residentBytes / 1e6).toFixed(0)} |`,
  );
  return `## ${curve.name}\n\n![${curve.name}](${file})\n\n| ${curve.size} | CPU per ${curve.unit} | MB resident |\n| --- | --- | --- |\n${rows.join('\n')}`;
});
const report = `# growth\n\nMeasured ${machine.date} on ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}; load ${machine.load}.\n\n${sections.join('\n\n')}\n`;
writeFileSync(join(values.results, 'growth.md'), report);
console.log(report);
