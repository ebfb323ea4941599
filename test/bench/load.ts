import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long an answer may take before it counts as failed; 2 when nothing is said. */
  readonly patienceSeconds?: number;
  /** A wrk script in Lua. */
  readonly script?: string;
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers that were not 2xx or 3xx, and connections that broke. */
  readonly failures: number;
}

const unitMs: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 };

/** Loads a URL with wrk from core 1: keep-alive connections, one thread. */
export async function applyLoad(load: Load): Promise<LoadReport> {
  const { url, seconds, connections, headers = {}, patienceSeconds = 2, script } = load;
  const args = [
    '-c',
    '1',
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '--timeout',
    `${patienceSeconds}s`,
  ];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  if (script !== undefined) args.push('-s', script);
  const { stdout } = await promisify(execFile)('taskset', [...args, url]);
  return readReport(stdout);
}

function readReport(text: string): LoadReport {
  const latency = (percent: number) => {
    const match = new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text);
    return Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN);
  };
  const total = /(\d+) requests in ([\d.]+)(ms|s|m)/.exec(text);
  if (total === null) throw new Error(`wrk said: ${text}`);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1];
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    requests: Number(total[1]),
    seconds: (Number(total[2]) * (unitMs[total[3] ?? ''] ?? Number.NaN)) / 1000,
    p50Ms: latency(50),
    p99Ms: latency(99),
    failures: Number(refused ?? 0) + (broken?.slice(1).reduce((sum, n) => sum + Number(n), 0) ?? 0),
  };
}
