import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The environment that the images give to Node, from the Dockerfile. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const text = readFileSync(join(import.meta.dirname, '../Dockerfile'), 'utf8');
  const block = /^ENV ((?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '';
  const pairs = [...block.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)];
  if (pairs.length === 0) throw new Error('the Dockerfile has no ENV');
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name, quoted ?? plain]));
}
