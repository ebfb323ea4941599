import { Agent, request } from 'node:http';

export interface PacedLoad {
  /** Statuses since it was last asked, by the kind of request; 0 for a request that failed. */
  take(): ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Resolves when the last answer is there. */
  stop(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  /** Of each hundred requests. */
  readonly share: number;
  headers(): Readonly<Record<string, string>>;
}

const tickMs = 10;

/** Sends requests at a rate of its own, whether they are answered or not, over kept connections. */
export function startPacedLoad(url: string, perSecond: number, kinds: readonly Kind[]): PacedLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: 600 });
  const wheel = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  let counts = new Map<string, Map<number, number>>();
  let sent = 0;
  let underWay = 0;
  let onQuiet: () => void = () => {};
  const count = (name: string, status: number) => {
    const row = counts.get(name) ?? new Map<number, number>();
    counts.set(name, row.set(status, (row.get(status) ?? 0) + 1));
    underWay--;
    if (underWay === 0) onQuiet();
  };
  const send = () => {
    const kind = wheel[(sent++ * 37) % wheel.length]; // 37: the kinds come mixed
    if (kind === undefined) throw new RangeError('no kinds of requests');
    underWay++;
    request(url, { agent, headers: kind.headers() }, (response) => {
      response.resume().on('end', () => count(kind.name, response.statusCode ?? 0));
      response.on('error', () => count(kind.name, 0));
    })
      .on('error', () => count(kind.name, 0))
      .end();
  };
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1000) * perSecond;
    while (sent < due) send();
  }, tickMs);
  return {
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    async stop() {
      clearInterval(timer);
      if (underWay > 0) {
        await new Promise<void>((resolve) => {
          onQuiet = resolve;
        });
      }
      agent.destroy();
    },
  };
}
