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

/** Drafts a mapping of documents and writes it as a podmates.yaml with comments. */
export function draftConfig({ documents, source, name, prefix }: SuggestOptions): string {
  const shape = createShape();
  documents.forEach((document, turn) => void observe(shape, document, documents[turn - 1]));
  const place = source['url'] ?? source['file'] ?? 'a document';
  const samples = documents.length === 1 ? 'one sample' : `${documents.length} samples`;
  return writeConfig({
    source,
    name,
    prefix,
    draft: draftMapping(shape),
    heading: [
      `Drafted by "podmates adapter suggest" from ${samples} of ${place}.`,
      'Names, types and units are guesses with reasons; "podmates adapter try" shows the page.',
    ],
  });
}
