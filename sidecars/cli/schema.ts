import { sectionNames, toJsonSchema } from '../core/config/load.ts';
import { readArgs } from './args.ts';
import type { Command } from './command.ts';
import { kindOfSection, withKind } from './kinds.ts';

export const command: Command = {
  help: `podmates schema

Prints the JSON Schema of podmates.yaml. In an editor with the YAML language server:

  podmates schema > podmates.schema.json
  # yaml-language-server: $schema=./podmates.schema.json   (first line of podmates.yaml)`,
  async run(args, terminal) {
    readArgs(args, {});
    terminal.print(JSON.stringify(await configJsonSchema(), null, 2));
    return 0;
  },
};

/** The JSON Schema of a whole podmates.yaml. */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const properties: Record<string, unknown> = { version: { const: 1 } };
  const shared: Record<string, unknown> = {};
  for (const section of sectionNames) {
    const {
      $schema: _,
      $defs = {},
      ...schema
    } = await withKind(kindOfSection(section), (kind) =>
      scopeReferences(toJsonSchema(kind.schema), section),
    );
    properties[section] = schema;
    for (const [name, definition] of Object.entries($defs)) shared[section + name] = definition;
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'podmates.yaml',
    type: 'object',
    properties,
    additionalProperties: false,
    $defs: shared,
  };
}

/** Recursive parts refer to `$defs` of their root, which is another one when sections are joined. */
function scopeReferences(
  schema: Record<string, unknown>,
  section: string,
): { $schema?: unknown; $defs?: object; [key: string]: unknown } {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === '$ref' ? String(value).replace('#/$defs/', `#/$defs/${section}`) : value,
    ),
  );
}
