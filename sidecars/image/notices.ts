import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, readManifest } from './packages.ts';

/** What the licenses of packages ask to be handed on with them. */
export function renderNotices(folders: readonly string[]): string {
  return [...folders].sort().map(renderNotice).join('\n');
}

function renderNotice(folder: string): string {
  const manifest = readManifest(folder);
  const { name, version, license } = manifest;
  const texts = globSync('{LICEN[CS]E,licen[cs]e,NOTICE}*', { cwd: folder })
    .filter((file) => !/\.[jt]s$/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) texts.push(writeLicense(manifest));
  const head = `${name} ${version}, ${license ?? 'see its text'}`;
  return `${head}\n${'='.repeat(head.length)}\n\n${texts.join('\n\n')}\n`;
}

/** Some packages only name their license, as abstract-logging does; its text is handed on all the same. */
function writeLicense({ name, license, author }: Manifest): string {
  if (license !== 'MIT') throw new Error(`${name} brings no text of its license`);
  const holder = typeof author === 'string' ? author : author?.name;
  return `Copyright (c) ${holder ?? `the authors of ${name}`}\n\n${mit}`;
}

/** https://spdx.org/licenses/MIT.html */
const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
