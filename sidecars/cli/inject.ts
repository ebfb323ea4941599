import { readFile, writeFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { ConfigError, describeError, PodmatesError } from '../core/errors.ts';
import { readVersion } from '../core/version.ts';
import { readArgs, usageError } from './args.ts';
import { checkConfig } from './check-config.ts';
import type { Command, Terminal } from './command.ts';
import { injectManifest, type ManifestOptions } from './inject/manifest.ts';
import { removeMarked } from './inject/marks.ts';
import {
  defaultPorts,
  readShippedConfig,
  type ShippedConfig,
  unjoinedHints,
} from './inject/shipped-config.ts';
import { type KindName, kindNames } from './kinds.ts';

const options = {
  config: { type: 'string', short: 'c' },
  containers: { type: 'string' },
  'config-map': { type: 'string', default: 'podmates' },
  logs: { type: 'string', multiple: true },
  plain: { type: 'boolean', default: false },
  image: { type: 'string' },
  write: { type: 'boolean', short: 'w', default: false },
  remove: { type: 'boolean', default: false },
} as const;

export const command: Command = {
  help: `podmates inject [options] [FILE...]

Adds the containers to every Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and CronJob
of the manifests, and prints them; without a FILE, or for "-", reads standard input. Comments and
all else stay as they are. Running it again changes nothing; workloads annotated
podmates.dev/skip: "true" are left alone.

  -c, --config FILE       the podmates.yaml; becomes a ConfigMap in the output, and says by its
                          sections which containers are wanted
      --containers LIST   of log-tail, ambassador, adapter, separated by commas
      --config-map NAME   name of the ConfigMap (default podmates)
      --logs DIR          where the app writes its log files (default: as the config says, or
                          /var/log/app); may be given several times
      --plain             containers beside the app instead of native sidecars, for clusters
                          before Kubernetes 1.29
      --image PATTERN     the images, {} for the container's name (default podmates/{}:VERSION)
  -w, --write             change the files instead of printing
      --remove            take everything out again: the files are byte for byte as before

  podmates inject -c podmates.yaml deployment.yaml | kubectl apply -f -`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, options);
    const files = positionals.length === 0 ? ['-'] : positionals;
    if (values.write && files.includes('-')) throw usageError('--write needs files');
    if (values.remove) {
      for (const file of files)
        await deliver(file, removeMarked(await read(file, terminal)), values.write);
      return 0;
    }
    const manifest = await readOptions(values, terminal);
    for (const file of files) await inject(file, manifest, values.write, terminal);
    return 0;
  },
};

async function inject(
  file: string,
  manifest: ManifestOptions,
  write: boolean,
  terminal: Terminal,
): Promise<void> {
  const name = file === '-' ? 'standard input' : file;
  const { text, workloads, hints } = injectManifest(await read(file, terminal), name, manifest);
  if (workloads === 0) terminal.complain(`${name}: has no pod to put containers into`);
  for (const hint of hints) terminal.complain(hint);
  await deliver(file, text, write);
}

async function readOptions(
  values: {
    config?: string | undefined;
    containers?: string | undefined;
    'config-map': string;
    logs?: string[] | undefined;
    plain: boolean;
    image?: string | undefined;
  },
  terminal: Terminal,
): Promise<ManifestOptions> {
  const file = values.config;
  const config = file === undefined ? undefined : await readGoodConfig(file, terminal);
  const containers = values.containers ? parseNames(values.containers) : config?.containers;
  if (containers === undefined || containers.length === 0) {
    throw usageError('say which containers: -c podmates.yaml, or --containers log-tail,adapter');
  }
  const hints = config === undefined ? [] : unjoinedHints(config, containers);
  for (const hint of hints) terminal.complain(`${file}: ${hint}`);
  const logs = values.logs ?? config?.logs ?? [];
  return {
    containers,
    configMap: values['config-map'],
    logs: logs.length === 0 ? ['/var/log/app'] : logs,
    native: !values.plain,
    image: values.image ?? `podmates/{}:${readVersion()}`,
    ports: config?.ports ?? defaultPorts,
    ...(config === undefined ? {} : { config }),
  };
}

/** Variables may be unset here: they are those of the pod. */
async function readGoodConfig(file: string, terminal: Terminal): Promise<ShippedConfig> {
  const text = await read(file, terminal);
  const problems = await checkConfig({ text, file, environment: terminal.environment });
  const wrong = problems.filter(({ variable }) => variable === undefined);
  if (wrong.length > 0) throw new ConfigError(wrong);
  return readShippedConfig(text, file);
}

function parseNames(list: string): readonly KindName[] {
  const wanted = list.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !kindNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw usageError(`--containers: "${unknown}" is none of ${kindNames.join(', ')}`);
  }
  return kindNames.filter((name) => wanted.includes(name));
}

async function read(file: string, terminal: Terminal): Promise<string> {
  try {
    return file === '-' ? await readStream(terminal.input) : await readFile(file, 'utf8');
  } catch (error) {
    throw new PodmatesError('ERR_USAGE', `cannot read ${file}: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** As it is, without a line end of our own: the text is the user's. */
async function deliver(file: string, text: string, write: boolean): Promise<void> {
  if (write) return writeFile(file, text);
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
