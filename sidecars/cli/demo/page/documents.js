// The app's JSON and the metrics page, with every number marked and those that changed lit up.

/** Returns a function that shows a text in `parent`; `pattern` finds the numbers in it. */
export function createDocument(parent, pattern) {
  let known = [];
  return (text) => {
    const numbers = [];
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      const [number] = match;
      const mark = document.createElement('mark');
      mark.textContent = number;
      if (known.length > 0 && known[numbers.length] !== number) mark.className = 'changed';
      parts.push(text.slice(end, match.index), mark);
      numbers.push(number);
      end = match.index + number.length;
    }
    parent.replaceChildren(...parts, text.slice(end));
    known = numbers;
  };
}

/** JSON with one line for each object that holds no other. */
export function toText(value, indent = '') {
  const entries = Object.entries(value);
  const flat = entries.every(([, inner]) => typeof inner !== 'object');
  const parts = entries.map(([key, inner]) => {
    const text = typeof inner === 'object' ? toText(inner, `${indent}  `) : JSON.stringify(inner);
    return `"${key}": ${text}`;
  });
  if (flat && indent !== '') return `{ ${parts.join(', ')} }`;
  return `{\n${parts.map((part) => `${indent}  ${part}`).join(',\n')}\n${indent}}`;
}

/** Shows the latest lines of the log, the newest at the bottom, coloured by their level. */
export function showLines(parent, lines) {
  parent.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      item.className = `level-${/"level":"(\w+)"/.exec(line)?.[1] ?? 'info'}`;
      return item;
    }),
  );
}
