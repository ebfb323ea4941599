// `node sidecars/image/make.ts FOLDER` makes there what the images have in /opt/podmates.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from './bundle.ts';
import { renderNotices } from './notices.ts';
import { copyPackages } from './packages.ts';
import { renderSbom } from './sbom.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node sidecars/image/make.ts FOLDER');
const target = resolve(folder);
const project = resolve(import.meta.dirname, '../..');

/** Programs for one kind of machine cannot be joined, and the demo serves files of the last one. */
const external = ['@node-rs/argon2', '@node-rs/bcrypt', 'uplot'];

mkdirSync(target, { recursive: true });
const joined = await bundle({
  sources: join(project, 'sidecars'),
  target: join(target, 'dist'),
  external,
});
const packages = [...joined, ...copyPackages(external, project, target)];
writeFileSync(join(target, 'THIRD-PARTY-NOTICES'), renderNotices(packages));
writeFileSync(join(target, 'sbom.cdx.json'), renderSbom(packages, project));
const asTheyAre = [
  'package.json',
  'LICENSE',
  'examples',
  'k8s/monitoring/prometheus/prometheus.yml',
];
for (const file of asTheyAre) {
  cpSync(join(project, file), join(target, file), { recursive: true });
}
