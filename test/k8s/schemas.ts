import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type KubernetesObject, projectRoot } from './manifests.ts';

const run = promisify(execFile);

/** Kinds that are not Kubernetes' own, so that its schemas do not know them. */
const foreign = /^(metallb\.io|monitoring\.coreos\.com)\//;

/** Where kubernetes-models keeps the kinds of an API version. */
function packageOf({ apiVersion }: KubernetesObject): string {
  return `kubernetes-models/${apiVersion}`;
}

export function isOwnKind(object: KubernetesObject): boolean {
  return !foreign.test(object.apiVersion);
}

/** @returns what the OpenAPI schema of its kind says against the object; undefined when nothing */
export async function complaintOf(object: KubernetesObject): Promise<string | undefined> {
  const models: Record<string, unknown> = await import(packageOf(object));
  const model = models[object.kind];
  if (typeof model !== 'function') return `no kind ${object.kind} in ${object.apiVersion}`;
  try {
    Reflect.construct(model, [object]).validate();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The schemas let unknown fields pass, as the API server does with a warning at most; the types do
 * not. So the objects are compiled as literals of their types.
 * @returns what the compiler says, by the index of the object
 */
export async function typeComplaints(objects: readonly KubernetesObject[]): Promise<string[]> {
  const folder = await mkdtemp(join(projectRoot, 'node_modules/.podmates-types-'));
  try {
    const lines = objects.map((object, index) => {
      const type = `import('${packageOf(object)}').I${object.kind}`;
      return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
    });
    await writeFile(join(folder, 'objects.ts'), lines.join('\n'));
    const compilerOptions = {
      ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true },
      ...{ skipLibCheck: true, types: [] },
    };
    const config = { compilerOptions, files: ['objects.ts'] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(projectRoot, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['-p', folder, '--pretty', 'false']).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? String(error) }),
    );
    return stdout.split('\n').filter((line) => line.includes('error'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
