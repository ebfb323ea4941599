import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { onlyKeys } from './loki.ts';
import { createReceiver, type Receiver } from './receiver.ts';

export interface OtlpRecord {
  readonly resource: Record<string, unknown>;
  readonly timeUnixNano: string;
  readonly severityNumber: number | undefined;
  readonly severityText: string | undefined;
  readonly body: unknown;
  readonly attributes: Record<string, unknown>;
}

export interface Otlp extends Receiver {
  readonly records: OtlpRecord[];
  /** The body of the next answers; `{}` without it. */
  answerWith(body: string): void;
}

/** An OTLP/HTTP collector, by the OTLP specification 1.x and its mapping of protobuf to JSON. */
export async function createOtlp(t: TestContext): Promise<Otlp> {
  const records: OtlpRecord[] = [];
  let answer = '{}';
  const receiver = await createReceiver(t, ({ method, path, headers, body }) => {
    try {
      assert.equal(method, 'POST');
      assert.equal(path, '/v1/logs');
      assert.equal(headers['content-type'], 'application/json');
      records.push(...readExport(JSON.parse(body)));
      return { status: 200, headers: { 'content-type': 'application/json' }, body: answer };
    } catch (error) {
      return { status: 400, body: String(error) };
    }
  });
  return {
    ...receiver,
    records,
    answerWith(body) {
      answer = body;
    },
  };
}

function readExport(request: unknown): OtlpRecord[] {
  const { resourceLogs } = onlyKeys(request, ['resourceLogs']);
  return list(resourceLogs).flatMap((one) => {
    const { resource, scopeLogs } = onlyKeys(one, ['resource', 'scopeLogs']);
    const attributes = readAttributes(onlyKeys(resource, ['attributes'])['attributes']);
    return list(scopeLogs).flatMap((scopeLog) => {
      const { scope, logRecords } = onlyKeys(scopeLog, ['scope', 'logRecords']);
      assert.equal(typeof onlyKeys(scope, ['name'])['name'], 'string');
      return list(logRecords).map((record) => readRecord(record, attributes));
    });
  });
}

const required = ['timeUnixNano', 'observedTimeUnixNano', 'body', 'attributes'];

function readRecord(record: unknown, resource: Record<string, unknown>): OtlpRecord {
  assert.ok(typeof record === 'object' && record !== null);
  const hasSeverity = 'severityNumber' in record;
  const severity = hasSeverity ? ['severityNumber', 'severityText'] : [];
  const fields = onlyKeys(record, [...required, ...severity]);
  for (const key of ['timeUnixNano', 'observedTimeUnixNano']) {
    assert.match(String(fields[key]), /^\d{19}$/);
    assert.equal(typeof fields[key], 'string', 'fixed64 is a text in JSON');
  }
  const number = fields['severityNumber'];
  assert.ok(number === undefined || (typeof number === 'number' && number >= 1 && number <= 24));
  return {
    resource,
    timeUnixNano: String(fields['timeUnixNano']),
    severityNumber: number,
    severityText: fields['severityText'] as string | undefined,
    body: readValue(fields['body']),
    attributes: readAttributes(fields['attributes']),
  };
}

function readAttributes(attributes: unknown): Record<string, unknown> {
  const entries = list(attributes).map((attribute) => {
    const { key, value } = onlyKeys(attribute, ['key', 'value']);
    assert.ok(typeof key === 'string' && key !== '');
    return [key, readValue(value)] as const;
  });
  assert.equal(new Set(entries.map(([key]) => key)).size, entries.length, 'keys are unique');
  return Object.fromEntries(entries);
}

function readValue(value: unknown): unknown {
  assert.ok(typeof value === 'object' && value !== null);
  const [entry] = Object.entries(value);
  if (entry === undefined) return undefined;
  const [kind, inner]: [string, unknown] = entry;
  assert.equal(Object.keys(value).length, 1, 'AnyValue is one of its kinds');
  switch (kind) {
    case 'stringValue':
      assert.equal(typeof inner, 'string');
      return inner;
    case 'boolValue':
      assert.equal(typeof inner, 'boolean');
      return inner;
    case 'doubleValue':
      assert.equal(typeof inner, 'number');
      return inner;
    case 'intValue':
      assert.ok(typeof inner === 'string' && /^-?\d+$/.test(inner), 'int64 is a text in JSON');
      return Number(inner);
    case 'arrayValue':
      return list(onlyKeys(inner, ['values'])['values']).map(readValue);
    case 'kvlistValue':
      return readAttributes(onlyKeys(inner, ['values'])['values']);
    default:
      throw new assert.AssertionError({ message: `no kind of AnyValue: ${kind}` });
  }
}

function list(value: unknown): unknown[] {
  assert.ok(Array.isArray(value), 'expected a list');
  return value;
}
