/** Brings a number to its base unit. */
export type Scale = (value: number) => number;

/**
 * Multiplies by a factor. Where that is one over a whole number, by division, which rounds but once:
 * 9 ms are 0.009 s, and not 0.009000000000000001.
 */
export function createScale(factor: number): Scale {
  const divisor = Math.round(1 / factor);
  const divides = divisor > 1 && Math.abs(divisor * factor - 1) < 1e-12;
  return divides ? (value) => value / divisor : (value) => value * factor;
}
