import { isDeepStrictEqual } from 'node:util';
import type { StatusSection } from '../core/admin/status.ts';
import { describeError, PodmatesError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { OutputConfig, OutputsConfig } from './ship/config.ts';
import type { Labels } from './ship/encode/document.ts';
import type { ShipMetrics } from './ship/metrics.ts';
import { openOutput } from './ship/open.ts';
import type { Mark, Output } from './ship/output.ts';

export interface OutputSetOptions {
  readonly logger: Logger;
  readonly metrics: ShipMetrics;
  reached(output: Output, mark: Mark): void;
  room(): void;
  failed(error: unknown): void;
  /** The output is gone, with or without what it held. */
  forget(output: Output): void;
}

/** Another set of outputs, opened but not in force. */
export interface OutputChange {
  readonly outputs: readonly Output[];
  commit(): void;
  undo(): Promise<void>;
}

/** The outputs of the config in force. */
export interface OutputSet {
  list(): readonly Output[];
  isFull(): boolean;
  /** Opens what the config has new. @throws when something cannot be opened; then nothing changed */
  prepare(configs: OutputsConfig, labels: Labels): Promise<OutputChange>;
  drain(deadline: AbortSignal): Promise<readonly string[]>;
  close(): Promise<void>;
  status(): StatusSection;
}

interface Entry {
  readonly config: OutputConfig;
  readonly labels: Labels;
  readonly output: Output;
}

/** How long an output that is no longer in the config may take to send what it holds. */
const retireMs = 30_000;

export function createOutputSet(options: OutputSetOptions): OutputSet {
  let entries: readonly Entry[] = [];
  let outputs: readonly Output[] = [];

  const open = async (name: string, config: OutputConfig, labels: Labels): Promise<Entry> => {
    const { logger, metrics, room, failed } = options;
    const reached = (mark: Mark) => options.reached(output, mark);
    const output: Output = await openOutput({
      ...{ name, config, labels, metrics, logger },
      ...{ reached, room, failed },
    }).catch((error: unknown) => {
      throw openError(name, error);
    });
    return { config, labels, output };
  };
  const retire = async ({ output }: Entry) => {
    const left = await output.drain(AbortSignal.timeout(retireMs));
    if (left !== undefined) options.logger.error({ output: output.name }, `lost: ${left}`);
    await closeQuietly(output, options.logger);
    options.forget(output);
    options.room();
  };
  return {
    list: () => outputs,
    isFull: () => outputs.some((output) => output.isFull()),
    async prepare(configs, labels) {
      const opened: Entry[] = [];
      const undo = async () => {
        await Promise.all(opened.map(({ output }) => closeQuietly(output, options.logger)));
      };
      const next: Entry[] = [];
      try {
        for (const [name, config] of Object.entries(configs)) {
          const known = entries.find((entry) => isSame(entry, name, config, labels));
          const entry = known ?? (await open(name, config, labels));
          if (known === undefined) opened.push(entry);
          next.push(entry);
        }
        for (const { output } of opened) await output.start();
      } catch (error) {
        await undo();
        throw error;
      }
      return {
        outputs: next.map(({ output }) => output),
        undo,
        commit() {
          const gone = entries.filter((entry) => !next.includes(entry));
          entries = next;
          outputs = next.map(({ output }) => output);
          for (const entry of gone) void retire(entry);
        },
      };
    },
    async drain(deadline) {
      const left = await Promise.all(outputs.map((output) => output.drain(deadline)));
      return left.filter((one) => one !== undefined);
    },
    async close() {
      const open = outputs;
      outputs = [];
      entries = [];
      await Promise.all(open.map((output) => closeQuietly(output, options.logger)));
    },
    status: () => describeOutputs(outputs),
  };
}

function isSame(entry: Entry, name: string, config: OutputConfig, labels: Labels): boolean {
  return (
    entry.output.name === name &&
    isDeepStrictEqual(entry.labels, labels) &&
    isDeepStrictEqual(plain(entry.config), plain(config))
  );
}

/** As it is shown: conditions and secrets by what they were written as. */
function plain(config: OutputConfig): unknown {
  return JSON.parse(JSON.stringify(config));
}

function openError(name: string, error: unknown): PodmatesError {
  const code = error instanceof PodmatesError ? error.code : 'ERR_IO';
  const reason = `cannot open the output ${name}: ${describeError(error)}`;
  return new PodmatesError(code, reason, { cause: error });
}

/** What a sink throws when it is closed must not keep others from being closed. */
async function closeQuietly(output: Output, logger: Logger): Promise<void> {
  try {
    await output.close();
  } catch (error) {
    const message = `cannot close the output ${output.name}: ${describeError(error)}`;
    logger.error({ err: error, output: output.name }, message);
  }
}

function describeOutputs(outputs: readonly Output[]): StatusSection {
  return {
    title: 'Outputs',
    columns: ['output', 'required', 'state', 'queued records', 'queued bytes', 'last error'],
    rows: outputs.map((output) => {
      const { state, queuedRecords, queuedBytes, lastError } = output.status();
      return [
        output.name,
        output.required ? 'yes' : 'no',
        state,
        queuedRecords,
        queuedBytes,
        lastError,
      ];
    }),
  };
}
