import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const projectRoot = join(import.meta.dirname, '../..');

export interface Manifest {
  /** Relative to the project. */
  readonly file: string;
  readonly object: KubernetesObject;
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
  readonly [field: string]: unknown;
}

/** Every object in the YAML files of `examples/` and `k8s/`, but for the input files of kustomize. */
export function readManifests(): readonly Manifest[] {
  const files = globSync(['examples/**/*.yaml', 'k8s/**/*.yaml'], { cwd: projectRoot }).sort();
  return files.flatMap((file) =>
    objectsIn(readFileSync(join(projectRoot, file), 'utf8'), file).map((object) => ({
      file,
      object,
    })),
  );
}

/** @throws Error when the text is not YAML */
export function objectsIn(text: string, file: string): readonly KubernetesObject[] {
  return [...parseAllDocuments(text)].flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message}`);
    const object: unknown = document.toJS();
    return isObject(object) && !object.apiVersion.startsWith('kustomize.') ? [object] : [];
  });
}

function isObject(value: unknown): value is KubernetesObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apiVersion' in value &&
    'kind' in value &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string'
  );
}
