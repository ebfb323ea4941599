/** One line of a Prometheus page: a series and its value. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const seriesLine = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const labelPair = /([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads what the demo shows and checks; labels with escapes stay escaped. */
export function readPage(text: string): Series[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = seriesLine.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(labelPair)].map(([, key, text]) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** The value of the series with this name and these labels among others. */
export function findValue(
  page: readonly Series[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  return page.find(
    (one) =>
      one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text),
  )?.value;
}

/** The values of a metric by the values of one of its labels, without those that are 0. */
export function byLabel(
  page: readonly Series[],
  name: string,
  label: string,
): Record<string, number> {
  const found = page.filter((one) => one.name === name && one.value > 0);
  return Object.fromEntries(found.map(({ labels, value }) => [labels[label] ?? '', value]));
}
