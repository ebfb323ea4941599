import { createDraftMapper } from '../../../sidecars/adapter/draft/mapper.ts';
import {
  type Collector,
  createCollector,
  type Dropped,
} from '../../../sidecars/adapter/map/collector.ts';
import { format } from '../../../sidecars/adapter/publish/negotiate.ts';
import { writePage } from '../../../sidecars/adapter/publish/write.ts';

export interface DraftedPage {
  readonly text: string;
  readonly lines: readonly string[];
  readonly dropped: readonly Dropped[];
}

/** A source without any mapping, scraped once for each document it is given. */
export function createDraftedSource(prefix = ''): (document: unknown) => DraftedPage {
  const mapper = createDraftMapper({ prefix, labels: {}, several: false });
  return (document) => {
    const input = { bytes: Buffer.from(JSON.stringify(document)), contentType: undefined };
    return pageOf((collector) => {
      void mapper(input, () => collector, AbortSignal.timeout(10_000));
    });
  };
}

/** What a page has of what is collected. */
export function pageOf(collect: (collector: Collector) => void): DraftedPage {
  const dropped: Dropped[] = [];
  const limits = { series: 50_000, labelLength: 1024 };
  const collector = createCollector({ ...limits, onDrop: (one) => dropped.push(one) });
  collect(collector);
  const text = writePage(collector.families(), format('text', 'underscores'));
  return { text, lines: text.split('\n').filter((line) => !line.startsWith('#')), dropped };
}

export function draftPage(document: unknown): DraftedPage {
  return createDraftedSource()(document);
}
