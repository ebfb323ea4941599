import { settleText } from '../draft.ts';
import type { StepConfig } from './config.ts';
import { dedupe } from './dedupe.ts';
import { add, remove, rename } from './fields.ts';
import { drop, keep } from './filter.ts';
import { limit } from './limit.ts';
import { redact } from './redact.ts';
import { sample } from './sample.ts';
import type { Emit, Step, StepEvents } from './step.ts';
import { loadTransform, transform } from './transform.ts';

export interface ShaperOptions extends StepEvents {
  /** A user's transform threw. */
  failed(error: unknown, name: string): void;
}

export type Shaper = (emit: Emit) => Emit;

/** Puts the steps of the config in a row. @throws PodmatesError ERR_MODULE */
export async function createShaper(
  configs: readonly StepConfig[],
  options: ShaperOptions,
): Promise<Shaper> {
  const steps: Step[] = [];
  for (const config of configs) steps.push(await createStep(config, options));
  return (emit) => {
    const last: Emit = (draft) => {
      settleText(draft);
      emit(draft);
    };
    return steps.reduceRight((next, step) => step(next), last);
  };
}

async function createStep(config: StepConfig, options: ShaperOptions): Promise<Step> {
  if ('drop' in config) return drop(config.drop.condition, options);
  if ('keep' in config) return keep(config.keep.condition, options);
  if ('sample' in config) return sample(config.sample, options);
  if ('limit' in config) return limit(config.limit, options);
  if ('redact' in config) return redact(config.redact, options);
  if ('add' in config) return add(config.add);
  if ('remove' in config) return remove(config.remove);
  if ('rename' in config) return rename(config.rename);
  if ('dedupe' in config) return dedupe(config.dedupe, options);
  return transform(await loadTransform(config.module, config.options), options, options.failed);
}
