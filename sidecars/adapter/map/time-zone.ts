/** Moments of clocks that do not say their zone. */
export interface TimeZone {
  /**
   * When the clocks of the zone show this.
   * @param wallMs what they show, in milliseconds, as if it were UTC
   * @returns milliseconds since the epoch
   */
  toEpoch(wallMs: number): number;
}

/** @throws RangeError for what is no time zone; `UTC`, `Europe/Berlin` and `+02:00` are */
export function createTimeZone(name: string): TimeZone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  /** How far the clocks of the zone are ahead of UTC at a moment. */
  const offsetAt = (ms: number): number => {
    const parts = new Map(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const day = [part('year'), part('month') - 1, part('day')] as const;
    const shown = Date.UTC(...day, part('hour'), part('minute'), part('second'));
    return shown - Math.floor(ms / 1000) * 1000;
  };
  return {
    toEpoch(wallMs) {
      // Near a change of the clocks the first guess is off by an hour, and its offset is the right one.
      const guess = wallMs - offsetAt(wallMs);
      return wallMs - offsetAt(guess);
    },
  };
}
