/** The lines of a document that holds the config file. */
export function configMapLines(
  text: string,
  name: string,
  namespace: string | undefined,
): readonly string[] {
  const lines = text.split(/\r?\n/);
  const ended = lines.at(-1) === '';
  const content = ended ? lines.slice(0, -1) : lines;
  const keep = ended && content.at(-1) === '' ? '+' : ended ? '' : '-';
  const indent = /^\s/.test(text) ? '2' : '';
  return [
    '---',
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'data:',
    `  podmates.yaml: |${indent}${keep}`,
    ...content.map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}
