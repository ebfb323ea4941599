import type { Result, Standing } from './contest.ts';
import { seconds } from './span.ts';

const barHeight = 22;
const labelWidth = 250;
const barWidth = 400;

/** A bar for each contestant's CPU per unit, the spread of its rounds as a line. */
export function drawChart({ name, unit, standings }: Result): string {
  const sorted = [...standings].sort((a, b) => a.cpuPerUnit.median - b.cpuPerUnit.median);
  const most = Math.max(...sorted.map((one) => one.cpuPerUnit.max));
  const height = 50 + sorted.length * barHeight;
  const bars = sorted.map((one, index) => drawBar(one, 40 + index * barHeight, barWidth / most));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${labelWidth + barWidth + 110} ${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="22" font-weight="600">${escapeText(name)}: CPU per ${escapeText(unit)}, less is better</text>
${bars.join('\n')}
</svg>
`;
}

function drawBar({ name, ours, cpuPerUnit }: Standing, y: number, scale: number): string {
  const { median, min, max } = cpuPerUnit;
  const [width, from, to] = [median * scale, labelWidth + min * scale, labelWidth + max * scale];
  const middle = y + barHeight / 2 - 2;
  return [
    `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end"${ours ? ' font-weight="600"' : ''}>${escapeText(name)}</text>`,
    `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="${barHeight - 5}" fill="${ours ? '#e6522c' : '#9aa5b1'}"/>`,
    `<line x1="${from.toFixed(1)}" x2="${to.toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#333"/>`,
    `<text x="${(Math.max(to, labelWidth + width) + 6).toFixed(1)}" y="${middle + 4}">${seconds(median)}</text>`,
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
