import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type As,
  createDateReader,
  readers,
  readNumeric,
} from '../../../sidecars/adapter/map/read-as.ts';
import { createTimeZone } from '../../../sidecars/adapter/map/time-zone.ts';

const cases: Readonly<Record<As, readonly (readonly [string, number])[]>> = {
  number: [
    ['12', 12],
    [' -3.5e2 ', -350],
    ['+7', 7],
    ['0x10', Number.NaN],
    ['NaN', Number.NaN],
    ['Infinity', Number.NaN],
    ['', Number.NaN],
    ['1,000', Number.NaN],
  ],
  bool: [
    ['true', 1],
    ['YES', 1],
    ['off', 0],
    ['0', 0],
    ['maybe', Number.NaN],
  ],
  duration: [
    ['3h2m', 10_920],
    ['846:17:56', 3_046_676],
    ['P1DT2H', 93_600],
    ['PT0.5S', 0.5],
    ['250ms', 0.25],
    ['250 ms', 0.25],
    ['1.5h', 5400],
    ['-2s', -2],
    ['3 days, 4:05:06', 273_906],
    ['1d4h', 100_800],
    ['12:30', 750],
    ['42', 42],
    ['P', Number.NaN],
    ['PT', Number.NaN],
    ['3 parsecs', Number.NaN],
    ['', Number.NaN],
  ],
  date: [
    ['2026-01-02T03:04:05Z', 1_767_323_045],
    ['2026-01-02T03:04:05.123456789Z', 1_767_323_045.123],
    ['2026-01-02 03:04:05+01:00', 1_767_319_445],
    ['2026-01-02 03:04:05 +0100', 1_767_319_445],
    ['2026-01-02T03:04Z', 1_767_323_040],
    ['Fri, 02 Jan 2026 03:04:05 GMT', 1_767_323_045],
    ['1767323045', 1_767_323_045],
    ['1767323045000', 1_767_323_045],
    ['2026-01-02T03:04:05', Number.NaN],
    ['2026-01-02', Number.NaN],
    ['yesterday', Number.NaN],
  ],
  bytes: [
    ['150G', 150 * 1024 ** 3],
    ['8192 MB', 8192e6],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['512', 512],
    ['512 bytes', 512],
    ['3 kb', 3000],
    ['7B', 7],
    ['3 xb', Number.NaN],
    ['iB', Number.NaN],
  ],
  percent: [
    ['28 %', 0.28],
    ['99.9%', 0.999],
    ['5', 0.05],
    ['%', Number.NaN],
  ],
};

for (const [as, pairs] of Object.entries(cases)) {
  test(`text as ${as}`, () => {
    const read = readers[as as As];
    for (const [text, expected] of pairs) {
      const found = read(text);
      const near = Number.isNaN(expected)
        ? Number.isNaN(found)
        : Math.abs(found - expected) < 1e-9 * Math.max(1, Math.abs(expected));
      assert.ok(near, `${text}: ${found}, not ${expected}`);
    }
  });
}

test('numbers mean what they say, but for percentages, truths and dates in other units', () => {
  assert.equal(readNumeric('bool', 5), 1);
  assert.equal(readNumeric('bool', 0), 0);
  assert.equal(readNumeric('percent', 28), 0.28);
  assert.equal(readNumeric('date', 1_767_323_045_000), 1_767_323_045);
  assert.equal(readNumeric('date', 1_767_323_045_000_000), 1_767_323_045);
  assert.equal(readNumeric('date', 1_767_323_045_000_000_000), 1_767_323_045);
  assert.equal(readNumeric('duration', 5), 5);
  assert.equal(readNumeric(undefined, 5), 5);
});

test('a date without a zone is one of the time zone that is given, whatever its clocks do', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['UTC', '2026-01-02T03:04:05', '2026-01-02T03:04:05Z'],
    ['Europe/Berlin', '2026-01-02 03:04:05.250', '2026-01-02T02:04:05.250Z'],
    ['Europe/Berlin', '2026-07-02T03:04', '2026-07-02T01:04:00Z'],
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59Z'],
    ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00Z'],
    ['America/New_York', '2026-03-08T03:00:00', '2026-03-08T07:00:00Z'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00', '2025-12-31T18:15:00Z'],
    ['+02:00', '2026-01-01T00:00:00', '2025-12-31T22:00:00Z'],
    ['Europe/Berlin', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ];
  for (const [zone, text, expected] of cases) {
    const read = createDateReader(createTimeZone(zone));
    assert.equal(read(text), Date.parse(expected) / 1000, `${text} in ${zone}`);
  }
  assert.ok(Number.isNaN(createDateReader(createTimeZone('UTC'))('2026-01-02')));
  assert.throws(() => createTimeZone('Mars/Olympus'), RangeError);
});
