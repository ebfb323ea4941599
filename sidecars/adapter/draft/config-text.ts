import { Document, isMap, type YAMLMap } from 'yaml';
import type { Draft } from './draft.ts';
import type { DraftedNode } from './write.ts';

export interface DraftedConfig {
  /** Where the document came from, as the keys of a source: `{url: …}` or `{file: …}`. */
  readonly source: Readonly<Record<string, string>>;
  readonly name: string;
  readonly prefix: string;
  readonly draft: Draft;
  /** Comment at the head of the file. */
  readonly heading: readonly string[];
}

/** A whole podmates.yaml of a draft, that says in comments why each metric is what it is. */
export function writeConfig({ source, name, prefix, draft, heading }: DraftedConfig): string {
  const document = new Document({
    adapter: {
      ...(prefix === '' ? {} : { prefix }),
      sources: { [name]: { ...escapeVariables(source), metrics: [] } },
    },
  });
  document.commentBefore = heading.map(comment).join('\n');
  const list = document.createNode(draft.nodes.map((node) => writeNode(document, node)));
  document.setIn(['adapter', 'sources', name, 'metrics'], list);
  const left = draft.omissions.map(({ place, why }) => comment(`  ${place}: ${why}`));
  if (left.length > 0) document.comment = [' Left out:', ...left].join('\n');
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function writeNode(document: Document, { rule, note, nodes }: DraftedNode): YAMLMap {
  const node = document.createNode(escapeVariables(rule));
  if (!isMap(node)) throw new TypeError('a rule is a map');
  node.commentBefore = comment(note);
  for (const { value } of node.items) if (isMap(value)) value.flow = true;
  if (nodes !== undefined) {
    node.set('metrics', document.createNode(nodes.map((inner) => writeNode(document, inner))));
  }
  return node;
}

function comment(text: string): string {
  return ` ${text.replace(/[\n\r\0]+/g, ' ')}`;
}

/** `${` begins a variable in the config; in a path of a document it is meant as it stands. */
function escapeVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$\{/g, '$$$${');
  if (Array.isArray(value)) return value.map(escapeVariables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escapeVariables(one)]));
}
