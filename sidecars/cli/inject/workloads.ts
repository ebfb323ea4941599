import { type Document, isMap, isScalar, isSeq, parseAllDocuments, type YAMLMap } from 'yaml';
import { PodmatesError } from '../../core/errors.ts';

/** A pod, or the template of pods, in a manifest. */
export interface Workload {
  readonly document: Document;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Ends by itself, so that containers beside the app must too. */
  readonly ends: boolean;
  /** The map with `metadata` and `spec` of the pod. */
  readonly pod: YAMLMap;
}

/** Where each kind keeps its pod. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

const skipAnnotation = 'podmates.dev/skip';

/**
 * The workloads of a file, in order, those of a `kind: List` or `PodList` too; the ones annotated
 * `podmates.dev/skip: "true"` are left out.
 * @throws PodmatesError ERR_USAGE with the place of what is not YAML
 */
export function findWorkloads(text: string, file: string): readonly Workload[] {
  const documents = parseAllDocuments(text, {
    keepSourceTokens: true,
    merge: true,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
      const reason = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
      throw new PodmatesError('ERR_USAGE', `${file}:${line}:${col}: ${reason}`);
    }
    const root = document.contents;
    if (!isMap(root)) return [];
    if (root.flow === true && textAt(root, 'kind') in podPaths) {
      const reason = 'is JSON, which has no place for comments; write it as YAML';
      throw new PodmatesError('ERR_USAGE', `${file}: ${textAt(root, 'kind')} ${reason}`);
    }
    const listed = /^(\w*)List$/.exec(textAt(root, 'kind'));
    if (listed === null) return workloadOf(root, document);
    return itemsOf(root, document).flatMap((item) => workloadOf(item, document, listed[1]));
  });
}

function itemsOf(list: YAMLMap, document: Document): readonly YAMLMap[] {
  const items = list.get('items');
  return isSeq(items) ? items.items.map((item) => resolve(item, document)).filter(isMap) : [];
}

/** @param kindOfList what a list of one kind is made of; its items need not say it again */
function workloadOf(object: YAMLMap, document: Document, kindOfList = ''): readonly Workload[] {
  const kind = textAt(object, 'kind') || kindOfList;
  const path = Object.hasOwn(podPaths, kind) ? podPaths[kind] : undefined;
  if (path === undefined) return [];
  const pod = path.length === 0 ? object : resolve(object.getIn(path, true), document);
  if (!isMap(pod) || skips(object) || skips(pod)) return [];
  const metadata = object.get('metadata');
  const has = (key: string) => (isMap(metadata) ? textAt(metadata, key) : '');
  const spec = pod.get('spec');
  const restart = isMap(spec) ? textAt(spec, 'restartPolicy') : '';
  return [
    {
      document,
      kind,
      name: has('name') || has('generateName'),
      namespace: has('namespace') || undefined,
      ends: kind === 'Job' || kind === 'CronJob' || restart === 'Never' || restart === 'OnFailure',
      pod,
    },
  ];
}

function skips(object: YAMLMap): boolean {
  const value: unknown = object.getIn(['metadata', 'annotations', skipAnnotation]);
  return String(value) === 'true';
}

function textAt(map: YAMLMap, key: string): string {
  const value: unknown = map.get(key, true);
  return isScalar(value) ? String(value.value) : '';
}

function resolve(node: unknown, document: Document): unknown {
  return typeof node === 'object' && node !== null && 'resolve' in node
    ? (node as { resolve(document: Document): unknown }).resolve(document)
    : node;
}
