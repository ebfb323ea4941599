/** What one contestant did in one round. */
export interface Round {
  /** Work done: requests, scrapes, lines, gigabytes. */
  readonly units: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly residentBytes: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Units that went in and did not come out, and that came out again. */
  readonly lost?: number;
  readonly doubled?: number;
  /** What came out, in short; the contest is void when contestants that must agree do not. */
  readonly outcome: string;
}

export interface Contestant {
  readonly name: string;
  readonly ours?: boolean;
  /** Contestants with the same word must have the same outcome in every round. */
  readonly agrees?: string;
  round(): Promise<Round>;
  close?(): Promise<void>;
}

export interface Contest {
  readonly name: string;
  /** What a unit is, such as `request`. */
  readonly unit: string;
  readonly contestants: readonly Contestant[];
  /** Peers that could not take part, and why. */
  readonly missing: readonly string[];
  readonly remarks?: readonly string[];
}

export interface Standing {
  readonly name: string;
  readonly ours: boolean;
  readonly cpuPerUnit: Spread;
  readonly unitsPerSecond: number;
  readonly residentBytes: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Of the worst round. */
  readonly lost: number | undefined;
  readonly doubled: number | undefined;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  readonly standings: readonly Standing[];
  readonly missing: readonly string[];
  readonly remarks: readonly string[];
}

/** Runs the contestants in turns, A B C A B C, after one round each that does not count. */
export async function hold(
  contest: Contest,
  rounds: number,
  log: (line: string) => void,
): Promise<Result> {
  const { contestants, name, unit, missing, remarks = [] } = contest;
  const played = new Map<string, Round[]>(contestants.map((one) => [one.name, []]));
  try {
    for (let number = 0; number <= rounds; number++) {
      const outcomes = new Map<string, string>();
      for (const one of contestants) {
        const round = await one.round();
        checkAgreement(one, round, outcomes);
        log(
          `${name} ${number === 0 ? 'warm-up' : `round ${number}/${rounds}`} ${one.name}: ${describe(round, unit)}`,
        );
        if (number > 0) played.get(one.name)?.push(round);
      }
    }
  } finally {
    for (const one of contestants) await one.close?.();
  }
  const standings = contestants.map((one) => stand(one, played.get(one.name) ?? []));
  return { name, unit, rounds, standings, missing, remarks };
}

function checkAgreement(one: Contestant, round: Round, outcomes: Map<string, string>): void {
  if (one.agrees === undefined) return;
  const expected = outcomes.get(one.agrees) ?? round.outcome;
  outcomes.set(one.agrees, expected);
  if (expected !== round.outcome) {
    throw new Error(`${one.name}: did other work than the rest: ${round.outcome}, not ${expected}`);
  }
}

function describe(round: Round, unit: string): string {
  const micros = (round.cpuSeconds * 1e6) / round.units;
  return `${micros.toPrecision(4)} us CPU per ${unit}, ${(round.units / round.wallSeconds).toPrecision(4)} ${unit}s/s`;
}

function stand(one: Contestant, rounds: readonly Round[]): Standing {
  const optional = (
    pick: (round: Round) => number | undefined,
    sum: (values: readonly number[]) => number,
  ) => {
    const values = rounds.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : sum(values);
  };
  const worst = (values: readonly number[]) => Math.max(...values);
  const costs = rounds.map((round) => round.cpuSeconds / round.units);
  return {
    name: one.name,
    ours: one.ours === true,
    cpuPerUnit: { median: median(costs), min: Math.min(...costs), max: Math.max(...costs) },
    unitsPerSecond: median(rounds.map((round) => round.units / round.wallSeconds)),
    residentBytes: median(rounds.map((round) => round.residentBytes)),
    p50Ms: optional((round) => round.p50Ms, median),
    p99Ms: optional((round) => round.p99Ms, median),
    lost: optional((round) => round.lost, worst),
    doubled: optional((round) => round.doubled, worst),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
