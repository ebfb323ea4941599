import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { onlyKeys } from './loki.ts';
import { createReceiver, type Receiver } from './receiver.ts';

export interface Elasticsearch extends Receiver {
  /** By `_index` and `_id`. */
  readonly documents: Map<string, Record<string, unknown>>;
  /** How often a document came that was there already. */
  conflicts(): number;
  /** The status of single records. */
  judge(status: (document: Record<string, unknown>) => number): void;
}

/**
 * Elasticsearch's POST /_bulk, by its reference: NDJSON of an action and its source, ended by a line
 * end; answered with 200 and a result for each action, even when some of them failed.
 */
export async function createElasticsearch(t: TestContext): Promise<Elasticsearch> {
  const documents = new Map<string, Record<string, unknown>>();
  let conflicts = 0;
  let judge: (document: Record<string, unknown>) => number = () => 201;
  const create = (index: string, id: string, document: Record<string, unknown>) => {
    const key = `${index}/${id}`;
    if (documents.has(key)) {
      conflicts += 1;
      return failed(409, 'version_conflict_engine_exception');
    }
    const status = judge(document);
    if (status !== 201) return failed(status, 'document_parsing_exception');
    documents.set(key, document);
    return { create: { status } };
  };
  const receiver = await createReceiver(t, ({ method, path, headers, body }) => {
    try {
      assert.equal(method, 'POST');
      const { pathname, searchParams } = new URL(path, 'http://x');
      assert.equal(pathname, '/_bulk');
      const filters = searchParams.get('filter_path')?.split(',') ?? [];
      assert.deepEqual([...searchParams.keys()], ['filter_path']);
      assert.equal(headers['content-type'], 'application/x-ndjson');
      assert.ok(body.endsWith('\n'), 'The bulk request must be terminated by a newline');
      const items = readBulk(body).map(({ index, id, document }) => create(index, id, document));
      const errors = items.some(({ create: { status } }) => status >= 300);
      const whole = { took: 1, errors, items: items.map(addOrigin) };
      return { status: 200, body: JSON.stringify(filterPaths(whole, filters)) };
    } catch (error) {
      return { status: 400, body: String(error) };
    }
  });
  return {
    ...receiver,
    documents,
    conflicts: () => conflicts,
    judge(status) {
      judge = status;
    },
  };
}

/** What else stands in a result. */
function addOrigin({ create }: ReturnType<typeof failed> | { create: { status: number } }) {
  return { create: { _index: 'logs', _id: 'x', _version: 1, result: 'created', ...create } };
}

/** Response filtering by its reference: of an answer, what one of the paths leads to; `*` is any key. */
function filterPaths(value: unknown, paths: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || paths.includes('')) return value;
  if (Array.isArray(value)) return value.map((item) => filterPaths(item, paths));
  const kept = Object.entries(value).flatMap(([key, item]: [string, unknown]) => {
    const below = paths
      .filter((path) => [key, '*'].includes(path.split('.', 1)[0] ?? ''))
      .map((path) => path.split('.').slice(1).join('.'));
    return below.length === 0 ? [] : [[key, filterPaths(item, below)] as const];
  });
  return Object.fromEntries(kept);
}

function failed(status: number, type: string) {
  return { create: { status, error: { type, reason: `it was a ${status}` } } };
}

function readBulk(body: string) {
  const lines = body.slice(0, -1).split('\n');
  assert.equal(lines.length % 2, 0);
  return Array.from({ length: lines.length / 2 }, (_, at) => {
    const { create } = onlyKeys(JSON.parse(lines[at * 2] ?? ''), ['create']);
    const { _index: index, _id: id } = onlyKeys(create, ['_index', '_id']);
    assert.ok(typeof index === 'string' && /^[^A-Z\\/*?"<>|\s,#:]+$/.test(index), 'a legal index');
    assert.ok(typeof id === 'string' && id.length > 0 && id.length <= 512);
    const document: unknown = JSON.parse(lines[at * 2 + 1] ?? '');
    assert.ok(typeof document === 'object' && document !== null);
    const time: unknown = Reflect.get(document, '@timestamp');
    assert.ok(
      typeof time === 'string' && !Number.isNaN(Date.parse(time)),
      'data streams ask for it',
    );
    return { index, id, document: document as Record<string, unknown> };
  });
}
