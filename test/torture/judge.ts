import assert from 'node:assert/strict';
import { missing, readNumbers } from './numbered-lines.ts';
import { delivered, numbersAt, type Scene } from './scene.ts';

/** Whether each output has every line, no line twice without need, and in order. */
export function judge(scene: Scene): void {
  // The sender of what was taken and not acknowledged has to send it again.
  const unanswered = scene.receiver.taken.filter((each) => each.acknowledgedAt === undefined);
  const sentAgain = numbersAt(unanswered.map(({ line }) => line));
  const { stdout, http } = delivered(scene);
  judgeOutput(scene, 'stdout', stdout, scene.maybeTwice);
  judgeOutput(scene, 'http', http, new Set([...scene.maybeTwice, ...sentAgain]));
}

function judgeOutput(
  scene: Scene,
  name: string,
  lines: readonly string[],
  maybeTwice: ReadonlySet<number>,
): void {
  const { numbers, torn } = readNumbers(lines);
  const seen = new Set(numbers);
  const order = [...seen];
  const twice = numbers.filter((number, at) => numbers.indexOf(number) !== at);
  assert.deepEqual(missing(scene.writer.count(), seen), [], `missing at ${name}`);
  assert.deepEqual(
    twice.filter((number) => !maybeTwice.has(number)),
    [],
    `twice at ${name}`,
  );
  const ends = ['kill', 'garble', '(unsent)'];
  const kills = scene.log.filter((action) => ends.includes(action)).length;
  assert.ok(torn.length <= kills, `torn at ${name}: ${torn.join(' | ')}`);
  // An archive may be found behind what is newer.
  if (!scene.log.includes('compress')) {
    const sorted = order.toSorted((a, b) => a - b);
    assert.deepEqual(order, sorted, `order at ${name}`);
  }
}
