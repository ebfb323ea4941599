import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ambassadorSchema, type Explanation, explainRequest } from '../../ambassador/index.ts';
import { createLogger } from '../../core/logger.ts';
import { createMetrics } from '../../core/metrics.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command, Terminal } from '../command.ts';
import { loadSection } from '../load-section.ts';

type Header = readonly [name: string, value: string];

export const command: Command = {
  help: `podmates ambassador explain [-c FILE] METHOD PATH [-H 'Name: value']...

Says what would become of a request: its path as it is judged, the route, what each authenticator
found, the decision and why, and what the app would be told of the caller. It is judged by the code
that judges real ones: keys are fetched and services asked, but nothing goes to the app.

  -c, --config FILE   the config file (default /etc/podmates/podmates.yaml)
  -H, --header LINE   a header of the request, repeatable; @FILE or @- (standard input) reads lines
                      of them, so that no credential stands among the arguments
      --from ADDRESS  where it comes from (default 127.0.0.1)
      --json          the explanation as JSON

  podmates ambassador explain -c podmates.yaml GET /api/orders -H 'Host: shop.example' -H @token

Exits 0 whatever the decision is.`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, {
      config: { type: 'string', short: 'c', default: '/etc/podmates/podmates.yaml' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      from: { type: 'string', default: '127.0.0.1' },
      json: { type: 'boolean', default: false },
    });
    const [method, target, ...more] = positionals;
    if (method === undefined || target === undefined || more.length > 0) {
      throw usageError('say METHOD and PATH, as in: podmates ambassador explain GET /orders');
    }
    const lines = await Promise.all(values.header.map((line) => readLines(line, terminal)));
    const headers = lines.flat().map(parseHeader);
    if (/[\r\n]/.test(method + target)) throw usageError('METHOD and PATH have no line ends');
    const { config: file, from: address } = values;
    const config = await loadSection(file, 'ambassador', ambassadorSchema, terminal.environment);
    const logger = await createLogger({ name: 'ambassador', level: 'silent', format: 'json' });
    const surroundings = { logger, metrics: createMetrics('ambassador') };
    const question = { method, target, headers, address };
    const explanation = await explainRequest(config, surroundings, question);
    if (values.json) terminal.print(JSON.stringify(explanation, null, 2));
    else terminal.print(render(`${method} ${target}`, explanation));
    return 0;
  },
};

async function readLines(line: string, { input }: Terminal): Promise<readonly string[]> {
  if (!line.startsWith('@')) return [line];
  const file = line.slice(1);
  const content = file === '-' ? await text(input) : await readFile(file, 'utf8');
  return content.split(/\r?\n/).filter((one) => one !== '');
}

function parseHeader(line: string): Header {
  const [, name, value] = /^([^\s:]+):[ \t]*([^\r\n]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError("-H: expected 'Name: value', without line ends");
  }
  return [name, value];
}

function render(request: string, explanation: Explanation): string {
  const { decision, status, reason, detail, path, route, findings, upstream } = explanation;
  const because = detail === undefined ? reason : `${reason} (${detail})`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['request', request],
    ['from', explanation.address],
    ['path', path],
    ['route', route && (explanation.public ? `${route} (public)` : route)],
    ...findings.map((finding) => [finding.provider, describeFinding(finding)] as const),
    ['decision', decision === 'allowed' ? `let in, to ${upstream}` : `${status}: ${because}`],
    ...explanation.answer.map((line) => ['answer', line] as const),
    ...explanation.identity.map((line) => ['app sees', line] as const),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows
    .flatMap(([label, value]) => (value === undefined ? [] : [`${label.padEnd(width)}  ${value}`]))
    .join('\n');
}

function describeFinding(finding: Explanation['findings'][number]): string {
  const { kind, reason, subject, groups = [], scopes = [], expiresAt, health } = finding;
  const parts = [
    subject === undefined ? kind : `proved ${JSON.stringify(subject)}`,
    ...(reason === undefined ? [] : [reason]),
    ...(groups.length > 0 ? [`groups ${groups.join(', ')}`] : []),
    ...(scopes.length > 0 ? [`scopes ${scopes.join(' ')}`] : []),
    ...(expiresAt === undefined ? [] : [`until ${expiresAt}`]),
    ...(health === undefined ? [] : [health]),
  ];
  return parts.join('; ');
}
