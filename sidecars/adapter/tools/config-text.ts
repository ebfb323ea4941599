import { Document, isMap, type YAMLMap, YAMLSeq } from 'yaml';
import type { Draft } from '../draft/draft.ts';
import type { DraftedNode } from '../draft/write.ts';
import { escapeVariables } from '../draft/written.ts';

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
    const inner = new YAMLSeq(document.schema);
    inner.items.push(...nodes.map((one) => writeNode(document, one)));
    node.add(document.createPair('metrics', inner));
  }
  return node;
}

function comment(text: string): string {
  return ` ${text.replace(/[\n\r\0]+/g, ' ')}`;
}
