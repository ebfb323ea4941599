import { execFileSync } from 'node:child_process';
import { readManifest } from './packages.ts';

/**
 * The list of packages as CycloneDX, by npm from the lockfile, of those alone that are in the image.
 * Without number and time, the same lockfile gives the same bytes.
 *
 * CycloneDX 1.5: https://cyclonedx.org/docs/1.5/json/
 */
export function renderSbom(folders: readonly string[], project: string): string {
  const args = ['sbom', '--sbom-format=cyclonedx'];
  const { serialNumber: _, ...sbom } = JSON.parse(
    execFileSync('npm', args, { cwd: project, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }),
  );
  delete sbom.metadata.timestamp;
  const held = new Set(
    folders.map((folder) => {
      const { name, version } = readManifest(folder);
      return `${name}@${version}`;
    }),
  );
  const listed = ({ name, version }: Component) => held.has(`${name}@${version}`);
  sbom.components = sbom.components.filter(listed);
  const references = new Set(sbom.components.map((component: Component) => component['bom-ref']));
  sbom.dependencies = sbom.dependencies.flatMap(({ ref, dependsOn }: Dependency) =>
    references.has(ref) || ref === sbom.metadata.component['bom-ref']
      ? [{ ref, dependsOn: dependsOn.filter((one) => references.has(one)) }]
      : [],
  );
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly 'bom-ref': string;
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}
