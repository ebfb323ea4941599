import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createReceiver, type Receiver } from './receiver.ts';

export interface LokiEntry {
  readonly stream: Readonly<Record<string, string>>;
  /** Nanoseconds. */
  readonly time: string;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

/**
 * Grafana Loki's POST /loki/api/v1/push, by its HTTP API reference: a JSON body of streams, each with
 * a set of labels and values of [nanoseconds as text, line] or [.., .., structured metadata].
 */
export async function createLoki(
  t: TestContext,
): Promise<Receiver & { readonly entries: LokiEntry[] }> {
  const entries: LokiEntry[] = [];
  const receiver = await createReceiver(t, ({ method, path, headers, body }) => {
    try {
      assert.equal(method, 'POST');
      assert.equal(path, '/loki/api/v1/push');
      assert.equal(headers['content-type'], 'application/json');
      entries.push(...readPush(JSON.parse(body)));
      return { status: 204 };
    } catch (error) {
      return { status: 400, body: String(error) };
    }
  });
  return { ...receiver, entries };
}

function readPush(push: unknown): LokiEntry[] {
  const { streams } = onlyKeys(push, ['streams']);
  assert.ok(Array.isArray(streams) && streams.length > 0, 'streams is a list');
  return streams.flatMap((one: unknown) => {
    const { stream, values } = onlyKeys(one, ['stream', 'values']);
    const labels = texts(stream);
    assert.ok(
      Object.keys(labels).length > 0,
      'error at least one label pair is required per stream',
    );
    for (const name of Object.keys(labels)) assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/);
    assert.ok(Array.isArray(values) && values.length > 0, 'values is a list');
    return values.map((value: unknown): LokiEntry => {
      assert.ok(Array.isArray(value) && (value.length === 2 || value.length === 3));
      const [time, line, metadata]: unknown[] = value;
      assert.ok(typeof time === 'string' && /^\d{19}$/.test(time), 'nanoseconds as text');
      assert.ok(typeof line === 'string');
      return {
        stream: labels,
        time,
        line,
        metadata: value.length === 3 ? texts(metadata) : undefined,
      };
    });
  });
}

/** An object with exactly these keys. */
export function onlyKeys(value: unknown, keys: readonly string[]): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null);
  assert.deepEqual(Object.keys(value).sort(), [...keys].sort());
  return value as Record<string, unknown>;
}

function texts(value: unknown): Record<string, string> {
  assert.ok(typeof value === 'object' && value !== null);
  for (const text of Object.values(value)) assert.equal(typeof text, 'string');
  return value as Record<string, string>;
}
