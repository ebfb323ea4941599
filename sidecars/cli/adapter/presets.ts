import { presetNames, readPreset, readPresetText } from '../../adapter/index.ts';
import { didYouMean } from '../../core/config/suggest.ts';
import { readArgs, usageError } from '../args.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  help: `podmates adapter presets [--json] [NAME]

Lists the presets, or prints one of them with its metrics. In the config:

  adapter:
    sources:
      nats: { preset: nats, url: http://127.0.0.1:8222 }

  --json   the list as JSON`,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean', default: false } });
    const [name] = positionals;
    if (name !== undefined) {
      if (!presetNames.includes(name)) {
        throw usageError(`unknown preset "${name}"${didYouMean(name, presetNames)}`);
      }
      terminal.print(readPresetText(name).trimEnd());
      return 0;
    }
    const list = presetNames.map((preset) => ({ name: preset, ...describe(preset) }));
    if (values.json) terminal.print(JSON.stringify(list, null, 2));
    else
      for (const { name: preset, title, url, setup } of list) {
        terminal.print(`${preset.padEnd(14)} ${title}\n${' '.repeat(15)}${url}; ${setup}`);
      }
    return 0;
  },
};

function describe(name: string) {
  const { title, url, setup } = readPreset(name);
  return { title, url, setup };
}
