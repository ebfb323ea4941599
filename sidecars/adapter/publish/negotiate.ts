import { type Escaping, escapings } from './names.ts';

export interface Format {
  readonly kind: 'text' | 'openmetrics';
  readonly escaping: Escaping;
  readonly contentType: string;
}

interface Offer {
  readonly kind: Format['kind'];
  readonly quality: number;
  /** How exactly the range names a format: type and version, type, or a wildcard. */
  readonly weight: number;
  readonly escaping: Escaping | undefined;
  readonly version: string | undefined;
}

/**
 * Picks the format of the page by RFC 9110 section 12.5.1: the highest q wins, and of equals the one
 * named more exactly, then OpenMetrics. Text 0.0.4 is the last resort for a header that names nothing
 * we write, because Prometheus reads it whatever it asked for.
 */
export function negotiate(accept: string | undefined): Format {
  const offers = (accept ?? '').split(',').flatMap(readOffer);
  offers.sort((a, b) => b.quality - a.quality || b.weight - a.weight || order(a) - order(b));
  const [best] = offers;
  if (best === undefined || best.quality <= 0) return format('text');
  return format(best.kind, best.escaping, best.version);
}

const order = ({ kind }: Offer) => (kind === 'openmetrics' ? 0 : 1);

function readOffer(range: string): Offer[] {
  const [type = '', ...rest] = range.split(';').map((part) => part.trim());
  const parameters = new Map(rest.map(readParameter));
  const quality = readQuality(parameters.get('q'));
  const escaping = readEscaping(parameters.get('escaping'));
  const version = parameters.get('version');
  const offer = (kind: Format['kind'], weight: number) => [
    { kind, quality, weight, escaping, version },
  ];
  switch (type.toLowerCase()) {
    case 'application/openmetrics-text':
      if (version === undefined) return offer('openmetrics', 2);
      return version === '1.0.0' || version === '0.0.1' ? offer('openmetrics', 3) : [];
    case 'text/plain':
      if (version === undefined) return offer('text', 2);
      return version === '0.0.4' || version === '1.0.0' ? offer('text', 3) : [];
    case 'text/*':
      return offer('text', 1);
    case '*/*':
      return offer('text', 0);
    default:
      return []; // protobuf, HTML: nothing that we write
  }
}

function readParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at === -1) return [text.toLowerCase(), ''];
  const value = text.slice(at + 1).trim();
  return [text.slice(0, at).trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
}

function readQuality(text: string | undefined): number {
  if (text === undefined) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 0;
}

/** One copy of the specification spells it `allow-utf8`. */
function readEscaping(text: string | undefined): Escaping | undefined {
  const wanted = text === 'allow-utf8' ? 'allow-utf-8' : text;
  return escapings.find((known) => known === wanted);
}

const usual = {
  text: { type: 'text/plain', version: '0.0.4' },
  openmetrics: { type: 'application/openmetrics-text', version: '1.0.0' },
} as const;

/**
 * @param escaping as it was asked for; only then the content type names it
 * @param version of those that differ in nothing else: text 0.0.4 and 1.0.0, OpenMetrics 0.0.1 and
 *   1.0.0
 */
export function format(kind: Format['kind'], escaping?: Escaping, version?: string): Format {
  const { type, version: newest } = usual[kind];
  const suffix = escaping === undefined ? '' : `; escaping=${escaping}`;
  const contentType = `${type}; version=${version ?? newest}; charset=utf-8${suffix}`;
  return { kind, escaping: escaping ?? 'underscores', contentType };
}
