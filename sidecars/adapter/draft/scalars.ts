import { judge, type Movement } from './behaviour.ts';
import type { Candidate } from './candidate.ts';
import { appendWords } from './names.ts';
import { describePlace, type Scope } from './scope.ts';
import type { NumberFacts, Shape, TextFacts } from './shape.ts';
import { isIdentity, isSecret, type Reading, readingOf, statesOf } from './text.ts';
import { epochScale, takeUnit, type Unit } from './units.ts';
import { plural, splitWords } from './words.ts';

const pointsInTime =
  /^(at|time|timestamp|ts|date|now|start|started|created|updated|modified|expires|expiry|expiration|last|since|boot|epoch|until|when|next)$/;
const identifiers = /^(id|cid|uid|gid|pid|port|schema|uuid)$/;
const still: Movement = { rises: 0, falls: 0, fractional: false, negative: false };
const seconds: Unit = { base: 'seconds', scale: 1 };

/**
 * A metric for a number, a boolean or a text that says one, or nothing with the reason.
 * @param siblings words of the fields beside it
 */
export function draftScalar(
  scope: Scope,
  key: string,
  shape: Shape,
  siblings: ReadonlySet<string> = new Set(),
): Candidate | undefined {
  const own = splitWords(key);
  const scalar = shape.numbers !== undefined || shape.texts !== undefined;
  if (scalar && isSecret(own)) return scope.skip(key, 'may be a secret');
  if (shape.numbers !== undefined)
    return draftNumber(scope, key, { own, facts: shape.numbers, siblings });
  if (shape.booleans > 0) {
    return candidate(scope, key, { type: 'gauge', own, note: 'true is 1, false is 0' });
  }
  return shape.texts === undefined ? undefined : draftText(scope, key, own, shape.texts);
}

interface Found {
  readonly type: Candidate['type'];
  readonly own: readonly string[];
  /** Words of what holds it, when they are not those of the scope. */
  readonly words?: readonly string[];
  readonly unit?: Unit | undefined;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly note: string;
}

function candidate(scope: Scope, key: string, found: Found): Candidate {
  const { type, own, words = scope.words, unit, note, fields = {} } = found;
  return {
    kind: 'metric',
    type,
    place: scope.placeOf(key),
    words: appendWords(words, own),
    unit,
    help: describePlace(scope.placeOf(key)),
    fields: { value: scope.pathOf(key), ...fields },
    note,
  };
}

interface NumberField {
  readonly own: readonly string[];
  readonly facts: NumberFacts;
  readonly siblings: ReadonlySet<string>;
}

function draftNumber(
  scope: Scope,
  key: string,
  { own, facts, siblings }: NumberField,
): Candidate | undefined {
  if (own.some((word) => identifiers.test(word))) return scope.skip(key, 'a number that names');
  const scale = epochScale(facts.min);
  if (scale !== undefined && scale === epochScale(facts.max) && own.some(isPointInTime)) {
    return candidate(scope, key, timestamp(own));
  }
  const { words, parents, unit } = measure(scope, withoutNumberWord(own));
  if (unit?.base === 'ratio') {
    const note = 'a share of a whole';
    return candidate(scope, key, {
      type: 'gauge',
      own: words,
      words: parents,
      unit,
      fields: scaleField(unit),
      note,
    });
  }
  const spent = facts.falls === 0 && isTimeSpent(words, siblings);
  const { type, why } = spent ? timeSpent : judge(words, scope.words, facts);
  return candidate(scope, key, {
    type,
    own: words,
    words: parents,
    unit,
    fields: scaleField(unit),
    note: why,
  });
}

const timeSpent = { type: 'counter', why: 'the time spent on what is counted beside it' } as const;

/** `query_time` adds up when there is a `query_total` beside it. */
function isTimeSpent(words: readonly string[], siblings: ReadonlySet<string>): boolean {
  const place = words.indexOf('time');
  const what = words.slice(0, place).join(' ');
  if (place < 1 || place !== words.length - 1) return false;
  return siblings.has(`${what} total`) || siblings.has(`${what} count`);
}

/** `numConnections` are connections. */
function withoutNumberWord(own: readonly string[]): readonly string[] {
  const [first = '', ...rest] = own;
  if (!/^(num|number|nr|n)$/.test(first) || rest.length === 0) return own;
  return [
    ...rest.filter((word, place) => word !== 'of' || place > 0).slice(0, -1),
    plural(rest.at(-1) ?? ''),
  ];
}

const aggregates =
  /^(min|max|avg|average|mean|median|stddev|last|current|total|sum|value|minimum|maximum|used|free|p\d+)$/;

/** The unit of a number stands in its own name, or in that of the object around it. */
function measure(scope: Scope, own: readonly string[]) {
  const { words, unit } = takeUnit(own);
  const outer = takeUnit(scope.words);
  if (unit !== undefined || outer.words.length === 0 || !aggregates.test(own.join('_'))) {
    return { words, parents: scope.words, unit };
  }
  return { words, parents: outer.words, unit: outer.unit };
}

function isPointInTime(word: string): boolean {
  return pointsInTime.test(word);
}

function timestamp(own: readonly string[]): Found {
  const { words } = takeUnit(own);
  const kept = words.filter((word) => !/^(at|timestamp|ts|epoch|date|time)$/.test(word));
  return {
    type: 'gauge',
    own: [...kept, 'timestamp'],
    unit: seconds,
    fields: { as: 'date' },
    note: 'a point in time, in seconds since 1970',
  };
}

function scaleField(unit: Unit | undefined): Readonly<Record<string, unknown>> {
  return unit === undefined || unit.scale === 1 ? {} : { scale: unit.scale };
}

function draftText(
  scope: Scope,
  key: string,
  own: readonly string[],
  facts: TextFacts,
): Candidate | undefined {
  const decided = scope.memory.names.has(`stateset ${scope.placeOf(key)}`);
  const found = statesOf(own, facts, decided);
  if (found !== undefined) {
    const note = 'one series for each state that such things have; list what yours has';
    return candidate(scope, key, { type: 'stateset', own, fields: { ...found }, note });
  }
  const reading = readingOf(facts);
  const named = own.some((word) => identifiers.test(word) || word === 'version');
  if (reading !== undefined && !named) return readText(scope, key, own, reading);
  if (isIdentity(own, facts)) scope.describe(key, own);
  else scope.skip(key, 'a text that is no number, state or name');
  return undefined;
}

function readText(scope: Scope, key: string, own: readonly string[], reading: Reading): Candidate {
  if (reading === 'date') return candidate(scope, key, timestamp(own));
  const taken = takeUnit(own);
  if (reading === 'number') {
    const verdict = judge(taken.words, scope.words, still);
    const fields = { as: 'number', ...scaleField(taken.unit) };
    const note = `a number sent as text; ${verdict.why}`;
    return candidate(scope, key, {
      type: verdict.type,
      own: taken.words,
      unit: taken.unit,
      fields,
      note,
    });
  }
  const unit: Unit = { base: bases[reading], scale: 1 };
  const note = `${texts[reading]} as text, in ${unit.base}`;
  return candidate(scope, key, {
    type: 'gauge',
    own: taken.words,
    unit,
    fields: { as: reading },
    note,
  });
}

const texts = { duration: 'a duration', bytes: 'a size', percent: 'a percentage' } as const;
const bases = { duration: 'seconds', bytes: 'bytes', percent: 'ratio', date: 'seconds' } as const;
