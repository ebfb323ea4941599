import type { Result, Standing } from './contest.ts';
import { seconds } from './span.ts';

/** What a contest should show. */
interface Goal {
  readonly contest: string;
  readonly goal: string;
  judge(ours: Standing, result: Result): Verdict;
}

export interface Verdict {
  readonly seen: string;
  /** Undefined when the run could not tell. */
  readonly met: boolean | undefined;
}

export interface Judged extends Verdict {
  readonly work: string;
  readonly goal: string;
}

const goals: Readonly<Record<string, readonly Goal[]>> = {
  adapter: [
    atMost('fetch to page, 1.1 MB, 10,000 series', 2, 'JSON.parse alone'),
    atLeastTimesLess('fetch to page, 1.1 MB, 10,000 series', 10, 'json_exporter'),
  ],
  'log-tail': [
    atMost('pass-through to a file', 1.3, 'GNU tail -F'),
    atLeastTimesLess('pass-through to a file', 15, 'Fluent Bit'),
    atLeastTimesLess('JSON lines at level 40 and above, two fields added', 5, 'Fluent Bit'),
    atLeastTimesLess('regex to a counter with three labels', 10, 'mtail'),
    atLeastTimesLess('push to Loki', 1.5, 'Fluent Bit'),
    nothingLost('live, 200,000 lines/s, rename every 2 s'),
    noLaterThan('live, 200,000 lines/s, rename every 2 s', 25),
    costs('live, 200,000 lines/s, rename every 2 s', 0.8e-6),
    losesNoMoreThan('live, 200,000 lines/s, copytruncate every 2 s', 'Fluent Bit'),
    costs('idle, 100 files', 0.001),
  ],
  ambassador: [
    costs('GET 1 KB, callers checked', 60e-6),
    atLeastTimesLess('GET 1 KB, callers checked', 3, 'http-proxy'),
    atLeastTimesLess('GET 1 KB, callers checked', 4, 'Caddy forward_auth'),
    atMost('GET 1 KB, callers checked', 1, 'oauth2-proxy'),
    atMost('GET 1 KB, callers checked', 1, 'kube-rbac-proxy'),
  ],
};

/** The goals of a suite, each judged by the medians of this run. */
export function judge(suite: string, results: readonly Result[]): Judged[] {
  return (goals[suite] ?? []).map(({ contest, goal, judge }) => {
    const result = results.find((one) => one.name === contest);
    const ours = result?.standings.find((one) => one.ours);
    const verdict =
      result === undefined || ours === undefined
        ? { seen: 'not in this run', met: undefined }
        : judge(ours, result);
    return { work: contest, goal, ...verdict };
  });
}

export function goalTable(judged: readonly Judged[]): string {
  const rows = judged.map(
    ({ work, goal, seen, met }) => `| ${work} | ${goal} | ${seen} | ${word(met)} |`,
  );
  return ['| work | goal | seen | met |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function word(met: boolean | undefined): string {
  if (met === undefined) return 'not known';
  return met ? 'yes' : '**no**';
}

function atMost(contest: string, times: number, peer: string): Goal {
  const goal = times === 1 ? `not above ${peer}` : `at most ${times} times the CPU time of ${peer}`;
  return against(contest, goal, peer, (ours, theirs) => ({
    seen: `${ratio(ours / theirs)} times`,
    met: ours <= theirs * times,
  }));
}

function atLeastTimesLess(contest: string, times: number, peer: string): Goal {
  const goal = `at least ${times} times less CPU time than ${peer}`;
  return against(contest, goal, peer, (ours, theirs) => ({
    seen: `${ratio(theirs / ours)} times less`,
    met: theirs >= ours * times,
  }));
}

function against(
  contest: string,
  goal: string,
  peer: string,
  compare: (ours: number, theirs: number) => Verdict,
): Goal {
  return {
    contest,
    goal,
    judge: (ours, result) =>
      besides(peer, result, (theirs) => compare(ours.cpuPerUnit.median, theirs.cpuPerUnit.median)),
  };
}

function besides(peer: string, result: Result, compare: (theirs: Standing) => Verdict): Verdict {
  const theirs = result.standings.find(({ name }) => name.startsWith(peer));
  if (theirs === undefined) return { seen: `${peer} took no part`, met: undefined };
  return compare(theirs);
}

function costs(contest: string, atMostSeconds: number): Goal {
  return {
    contest,
    goal: `at most ${seconds(atMostSeconds)} of CPU time a unit`,
    judge: ({ cpuPerUnit: { median } }) => ({
      seen: seconds(median),
      met: median <= atMostSeconds,
    }),
  };
}

function noLaterThan(contest: string, milliseconds: number): Goal {
  return {
    contest,
    goal: `p99 at most ${milliseconds} ms`,
    judge: ({ p99Ms }) =>
      p99Ms === undefined
        ? { seen: 'no line was timed', met: undefined }
        : { seen: `${p99Ms.toPrecision(3)} ms`, met: p99Ms <= milliseconds },
  };
}

function nothingLost(contest: string): Goal {
  return {
    contest,
    goal: 'no line lost, none doubled',
    judge: ({ lost, doubled }) => ({
      seen: `${lost ?? '?'} lost, ${doubled ?? '?'} doubled`,
      met: lost === undefined || doubled === undefined ? undefined : lost + doubled === 0,
    }),
  };
}

function losesNoMoreThan(contest: string, peer: string): Goal {
  return {
    contest,
    goal: `no more lines lost than by ${peer}`,
    judge: ({ lost = Number.NaN }, result) =>
      besides(peer, result, (theirs) => ({
        seen: `${lost} lost, ${theirs.lost ?? '?'} by ${peer}`,
        met: lost <= (theirs.lost ?? Number.NaN),
      })),
  };
}

function ratio(value: number): string {
  return value.toPrecision(3);
}
