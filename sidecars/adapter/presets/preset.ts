import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Rule, rulesSchema } from '../map/schema.ts';

const endpoint = z.strictObject({
  path: z.string().startsWith('/'),
  query: z.record(z.string(), z.string()).default({}),
  /** Not every app has it: 404 is no failure. */
  optional: z.boolean().default(false),
  /** The app says with 503 that it is ill, and says why. */
  anyStatus: z.boolean().default(false),
  metrics: rulesSchema,
});

const presetSchema = z.strictObject({
  title: z.string(),
  /** Where the app serves its stats when nobody has moved them. */
  url: z.string(),
  /** What the app needs to be told, in a line. */
  setup: z.string(),
  endpoints: z.record(z.string(), endpoint),
});

/** A mapping for a well-known app, from a data file beside this one. */
export type Preset = z.output<typeof presetSchema>;

export interface PresetEndpoint {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly optional: boolean;
  readonly anyStatus: boolean;
  readonly metrics: Rule[];
}

/** The names that `preset:` knows, one for each data file. */
export const presetNames: readonly string[] = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();

/** The text of a preset, with its comments. */
export function readPresetText(name: string): string {
  return readFileSync(new URL(`./${name}.yaml`, import.meta.url), 'utf8');
}

/** @param name one of `presetNames` */
export function readPreset(name: string): Preset {
  return presetSchema.parse(parse(readPresetText(name)));
}
