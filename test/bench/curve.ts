import type { Judged } from './goals.ts';
import { seconds } from './span.ts';

export interface Curve {
  readonly name: string;
  readonly unit: string;
  /** What grows along the axis. */
  readonly size: string;
  readonly points: readonly Point[];
  readonly remark?: string;
}

export interface Point {
  readonly size: number;
  readonly cpuPerUnit: number;
  readonly residentBytes: number;
}

/** What noise alone may make of a level line. */
const level = 1.5;

/** Whether a unit costs no more at the largest size than where it is cheapest. */
export function judgeGrowth({ name, unit, size, points }: Curve): Judged {
  const largest = points.reduce((most, one) => (one.size > most.size ? one : most));
  const times = largest.cpuPerUnit / minimum(points);
  return {
    work: name,
    goal: `a ${unit} costs at most ${level} times the cheapest`,
    seen: `${times.toFixed(2)} times, at ${largest.size.toLocaleString('en')} ${size}`,
    met: times <= level,
  };
}

/**
 * The power of the size with which the cost of a unit grows, fitted to all points by least squares on
 * logarithms: 0 where a unit costs the same at any size.
 */
export function growsAs(points: readonly Point[]): number {
  const logs = points.map(
    ({ size, cpuPerUnit }) => [Math.log(size), Math.log(cpuPerUnit)] as const,
  );
  const mean = (index: 0 | 1) => logs.reduce((sum, one) => sum + one[index], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const together = logs.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0);
  return together / logs.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
}

const [left, top, width, height] = [80, 40, 460, 220];

/** CPU per unit over size, both axes logarithmic: a level line grows no faster than its work. */
export function drawCurve({ name, unit, size, points }: Curve): string {
  const x = scale(
    points.map((one) => one.size),
    left,
    left + width,
  );
  const y = scale(
    [...points.map((one) => one.cpuPerUnit), minimum(points) / 3, maximum(points) * 3],
    top + height,
    top,
  );
  const path = points.map(
    (one, index) => `${index === 0 ? 'M' : 'L'}${x(one.size)} ${y(one.cpuPerUnit)}`,
  );
  const marks = points.map(
    (one) =>
      `<circle cx="${x(one.size)}" cy="${y(one.cpuPerUnit)}" r="4" fill="#e6522c"/><text x="${x(one.size)}" y="${y(one.cpuPerUnit) - 10}" text-anchor="middle">${seconds(one.cpuPerUnit)}</text><text x="${x(one.size)}" y="${top + height + 18}" text-anchor="middle">${one.size.toLocaleString('en')}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 60} ${top + height + 50}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="20" font-weight="600">${name}: CPU per ${unit}</text>
<path d="M${left} ${top}V${top + height}H${left + width}" fill="none" stroke="#333"/>
<path d="${path.join('')}" fill="none" stroke="#e6522c" stroke-width="2"/>
${marks.join('\n')}
<text x="${left + width / 2}" y="${top + height + 38}" text-anchor="middle">${size}</text>
</svg>
`;
}

function minimum(points: readonly Point[]): number {
  return Math.min(...points.map((one) => one.cpuPerUnit));
}

function maximum(points: readonly Point[]): number {
  return Math.max(...points.map((one) => one.cpuPerUnit));
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const span = high - low || 1;
  return (value) => Math.round(from + ((Math.log(value) - low) / span) * (to - from));
}
