/** What a unit word says: the base unit that Prometheus wants, and the factor that leads to it. */
export interface Unit {
  readonly base: 'seconds' | 'bytes' | 'ratio';
  readonly scale: number;
}

/** Words left over when the unit is taken out. */
export interface Measured {
  readonly words: readonly string[];
  readonly unit: Unit | undefined;
}

const unitsByWord: Readonly<Record<string, Unit>> = {
  ...named('seconds', 1e-9, 'ns nsec nanos nanosec nanosecs nanoseconds nanosecond'),
  ...named('seconds', 1e-6, 'us usec micros microsec microsecs microseconds microsecond'),
  ...named('seconds', 1e-3, 'ms msec msecs millis millisec millisecs milliseconds millisecond'),
  ...named('seconds', 1, 's sec secs second seconds'),
  ...named('seconds', 60, 'mins minute minutes'),
  ...named('seconds', 3600, 'hour hours hrs'),
  ...named('seconds', 86_400, 'day days'),
  ...named('bytes', 1, 'byte bytes'),
  // Programs that count memory in "KB" mean 1024, as the kernel does.
  ...named('bytes', 1024, 'kb kib kbytes kilobytes kilobyte kibibytes'),
  ...named('bytes', 1024 ** 2, 'mb mib mbytes megabytes megabyte mebibytes'),
  ...named('bytes', 1024 ** 3, 'gb gib gbytes gigabytes gigabyte gibibytes'),
  ...named('bytes', 1024 ** 4, 'tb tib terabytes tebibytes'),
  ...named('ratio', 0.01, 'percent pct percentage'),
  ...named('ratio', 1, 'ratio fraction'),
};

/** Names that mean bytes in every runtime that uses them (Node, Go, the JVM), without saying so. */
const bytesByConvention = new Set(
  'heap_used heap_total array_buffers rss heap_alloc heap_sys heap_idle heap_inuse heap_released total_alloc stack_inuse stack_sys next_gc'.split(
    ' ',
  ),
);

function named(base: Unit['base'], scale: number, words: string): Record<string, Unit> {
  return Object.fromEntries(words.split(' ').map((word) => [word, { base, scale }]));
}

/** Finds the unit in the words of a field's own name and takes it out; `in` before it goes too. */
export function takeUnit(words: readonly string[]): Measured {
  if (bytesByConvention.has(words.join('_'))) {
    return { words, unit: { base: 'bytes', scale: 1 } };
  }
  // A rate such as `bytes_per_second` has no base unit to be scaled to.
  if (words.includes('per')) return { words, unit: undefined };
  const place = findUnit(words);
  const unit = place === -1 ? undefined : unitsByWord[words[place] ?? ''];
  if (unit === undefined) return { words, unit: undefined };
  const before = words.slice(0, place);
  if (before.length > 1 && before.at(-1) === 'in') before.pop();
  return { words: [...before, ...words.slice(place + 1)], unit };
}

/** The unit stands last (`pause_ms`), or last before `total`, or first (`bytes_sent`). */
function findUnit(words: readonly string[]): number {
  const isUnit = (place: number) => Object.hasOwn(unitsByWord, words[place] ?? '');
  const last = words.length - 1;
  if (isUnit(last)) return last;
  if (words[last] === 'total' && isUnit(last - 1)) return last - 1;
  // Behind a first word only whole unit names count: `s_max` is anything, `bytes_max` is bytes.
  return isUnit(0) && (words[0]?.length ?? 0) > 2 ? 0 : -1;
}

/** Whether a number is a point in time, in which of the usual units; the year is 2001 to 2100. */
export function epochScale(value: number): number | undefined {
  for (const scale of [1, 1e-3, 1e-6, 1e-9]) {
    const seconds = value * scale;
    if (seconds > 978_307_200 && seconds < 4_102_444_800) return scale;
  }
  return undefined;
}
