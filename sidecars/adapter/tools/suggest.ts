import { draftMapping } from '../draft/draft.ts';
import { createShape, observe } from '../draft/shape.ts';
import { writeConfig } from './config-text.ts';

export interface SuggestOptions {
  /** What the app answered, one after the other; how numbers move tells counters from gauges. */
  readonly documents: readonly unknown[];
  /** Where they came from, as the keys of a source: `{url: …}` or `{file: …}`. */
  readonly source: Readonly<Record<string, string>>;
  readonly name: string;
  readonly prefix: string;
}

/**
 * Drafts a mapping of documents and writes it as a podmates.yaml with comments.
 * @returns undefined when nothing in them makes a metric
 */
export function draftConfig(options: SuggestOptions): string | undefined {
  const { documents, source, name, prefix } = options;
  const shape = createShape();
  documents.forEach((document, turn) => void observe(shape, document, documents[turn - 1]));
  const place = source['url'] ?? source['file'] ?? 'a document';
  const samples = documents.length === 1 ? 'one sample' : `${documents.length} samples`;
  const draft = draftMapping(shape);
  if (draft.nodes.length === 0) return undefined;
  return writeConfig({
    source,
    name,
    prefix,
    draft,
    heading: [
      `Drafted by "podmates adapter suggest" from ${samples} of ${place}.`,
      'Names, types and units are guesses with reasons; "podmates adapter try" shows the page.',
    ],
  });
}
