import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100; // USER_HZ, which Linux fixes for user space

export interface Cost {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** CPU that a process and all its descendants, ended ones too, have used; memory of those alive. */
export function readCost(pid: number): Cost {
  let ticks = 0;
  let residentBytes = 0;
  for (const one of [pid, ...descendants(pid)]) {
    const fields = readStat(one);
    if (fields === undefined) continue;
    // man proc_pid_stat: utime, stime, cutime, cstime are fields 14 to 17, here from field 3 on.
    ticks += [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    residentBytes += Number(fields[21]) * 4096;
  }
  return { cpuSeconds: ticks / ticksPerSecond, residentBytes };
}

/**
 * CPU that the threads of one process alive now have used, to the nanosecond; of spans in which a
 * tick of 10 ms says nothing.
 */
export function readThreadSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
    nanoseconds += Number(text.split(' ')[0]);
  }
  return nanoseconds / 1e9;
}

export interface Memory {
  readonly rss: number;
  readonly pss: number;
  readonly private: number;
}

/** Resident, proportional and private memory of one process in bytes, from `smaps_rollup`. */
export function readMemory(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return {
    rss: bytes('Rss'),
    pss: bytes('Pss'),
    private: bytes('Private_Clean') + bytes('Private_Dirty'),
  };
}

export function countThreads(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readStat(Number(name))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = new Set([pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [child, parent] of parents) {
      if (found.has(parent) && !found.has(child)) grown = Boolean(found.add(child));
    }
  }
  found.delete(pid);
  return [...found];
}

/** The fields of `/proc/PID/stat` from the third on: the second may hold spaces. */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended meanwhile
  }
}
