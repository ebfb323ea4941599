import { posix } from 'node:path';
import { isMap, isScalar, type YAMLMap } from 'yaml';
import { PodmatesError } from '../../core/errors.ts';
import type { KindName } from '../kinds.ts';
import { createEditor, type Editor } from './collection.ts';
import { type ContainerOptions, containerOf, type JsonMap, volumesOf } from './containers.ts';
import type { Edit } from './marks.ts';
import type { Workload } from './workloads.ts';

export interface PodOptions extends Omit<ContainerOptions, 'mounts'> {
  readonly containers: readonly KindName[];
  readonly configMap: string;
  /** Folders that log-tail reads and the app writes. */
  readonly logs: readonly string[];
}

/** The edits that put the containers into one pod. @throws PodmatesError ERR_USAGE when they cannot be */
export function editPod(
  source: string,
  file: string,
  workload: Workload,
  options: PodOptions,
): readonly Edit[] {
  const { native, containers, configMap } = options;
  const { kind, name, pod, ends } = workload;
  const editor = createEditor(source, workload.document, file);
  const what = `${file}: ${kind} ${name}`;
  if (ends && !native) {
    throw new PodmatesError('ERR_USAGE', `${what}: would never complete with --plain containers`);
  }
  const spec = editor.mapAt(pod, 'spec');
  const apps = spec && editor.seqAt(spec, 'containers');
  const app = apps?.items[0];
  if (spec === undefined || !isMap(app)) {
    throw new PodmatesError('ERR_USAGE', `${what}: has no containers`);
  }
  refuseTaken(what, spec.toJS(workload.document), containers);
  const logs = containers.includes('log-tail')
    ? shareLogs(editor, app, mountsOf(app.toJS(workload.document)), options.logs)
    : noLogs;
  const added = containers.map((one) =>
    containerOf(one, { ...options, mounts: one === 'log-tail' ? logs.mounts : [] }),
  );
  const list = native ? 'initContainers' : 'containers';
  return [
    ...annotate(editor, pod, options),
    ...logs.edits,
    ...editor.addItems(spec, list, added, native ? 'first' : 'last'),
    ...editor.addItems(
      spec,
      'volumes',
      [...volumesOf(containers, configMap), ...logs.volumes],
      'last',
    ),
  ];
}

/** Names that somebody else uses already would make two of one. */
function refuseTaken(
  what: string,
  spec: Record<string, unknown>,
  containers: readonly KindName[],
): void {
  const taken = ['containers', 'initContainers', 'volumes'].flatMap((key) => namesIn(spec, key));
  const clash = taken.find(
    (name) => containers.some((one) => one === name) || name.startsWith('podmates-'),
  );
  if (clash === undefined) return;
  throw new PodmatesError('ERR_USAGE', `${what}: has a "${clash}" of its own; rename that first`);
}

function namesIn(spec: Record<string, unknown>, key: string): string[] {
  const list = spec[key];
  return Array.isArray(list) ? list.map((one: { name?: unknown }) => String(one?.name)) : [];
}

/** With the adapter, whose page is that of the whole pod, Prometheus is told where it is. */
function annotate(editor: Editor, pod: YAMLMap, { containers, ports }: PodOptions): Edit[] {
  const port = ports.admin.adapter;
  if (!containers.includes('adapter') || port === undefined) return [];
  const pairs = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) };
  const metadata = editor.mapAt(pod, 'metadata');
  return metadata === undefined
    ? editor.addKey(pod, 'metadata', { annotations: pairs })
    : editor.addPairs(metadata, 'annotations', pairs);
}

interface SharedLogs {
  readonly edits: readonly Edit[];
  readonly mounts: readonly JsonMap[];
  readonly volumes: readonly JsonMap[];
}

const noLogs: SharedLogs = { edits: [], mounts: [], volumes: [] };

/** The app's own volume where it has one at the folder or above it, else an emptyDir for both. */
function shareLogs(
  editor: Editor,
  app: YAMLMap,
  own: readonly Mount[],
  folders: readonly string[],
): SharedLogs {
  const mounts: JsonMap[] = [];
  const missing: string[] = [];
  for (const folder of folders) {
    const mount = own.find(({ mountPath }) => contains(mountPath, folder));
    if (mount === undefined) missing.push(folder);
    else if (!mounts.some(({ mountPath }) => mountPath === mount.mountPath)) {
      mounts.push({ ...mount, readOnly: true });
    }
  }
  const name = (index: number) => (index === 0 ? 'podmates-logs' : `podmates-logs-${index + 1}`);
  const made = missing.map((mountPath, index) => ({ name: name(index), mountPath }));
  return {
    edits: made.length === 0 ? [] : editor.addItems(app, 'volumeMounts', made, 'last'),
    mounts: [...mounts, ...made.map((mount) => ({ ...mount, readOnly: true }))],
    volumes: made.map((mount) => ({ name: mount.name, emptyDir: { sizeLimit: '1Gi' } })),
  };
}

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

function mountsOf(app: Record<string, unknown>): readonly Mount[] {
  const list = app['volumeMounts'];
  if (!Array.isArray(list)) return [];
  return list.map(({ name, mountPath, subPath }: Record<string, unknown>) => ({
    name: String(name),
    mountPath: String(mountPath),
    ...(typeof subPath === 'string' ? { subPath } : {}),
  }));
}

function contains(mountPath: string, folder: string): boolean {
  return mountPath !== '/' && !posix.relative(mountPath, folder).startsWith('..');
}

/** The port by which Prometheus scraped the pod before, for the hint that it no longer does. */
export function annotatedPort(pod: YAMLMap): string | undefined {
  const scraped: unknown = pod.getIn(['metadata', 'annotations', 'prometheus.io/scrape']);
  const port: unknown = pod.getIn(['metadata', 'annotations', 'prometheus.io/port'], true);
  return String(scraped) === 'true' && isScalar(port) ? String(port.value) : undefined;
}
