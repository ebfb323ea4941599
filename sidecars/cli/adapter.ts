import { type AdapterFlags, adapterOptions, configOfUrl } from './adapter/zero-config.ts';
import { readArgs, refuseArguments } from './args.ts';
import type { Command, Commands } from './command.ts';
import { readConfigFile, serveHelp, serveOptions, serveText } from './serve.ts';

const tools: Commands = {
  suggest: () => import('./adapter/suggest.ts'),
  try: () => import('./adapter/try.ts'),
  convert: () => import('./adapter/convert.ts'),
  presets: () => import('./adapter/presets.ts'),
};

const help = `podmates adapter [-c FILE]          run the section "adapter:" of the config file
podmates adapter --url URL          no config at all: every number of the document becomes a metric
podmates adapter suggest URL|FILE   draft a config from a live document
podmates adapter try [SAMPLE|URL]   print the page that Prometheus would see, and what is wrong with it
podmates adapter convert FILE       rewrite a config of json_exporter
podmates adapter presets            list the apps that are known already
podmates adapter COMMAND --help     more on a command

${serveHelp}

  --once           collect once, print the page and exit: 1 when a source failed

Without a config file:
  --url URL        where the app serves its stats
  --preset NAME    what the app is, see "podmates adapter presets"
  --prefix P       in front of every name, as in shop_
  --listen ADDR    where Prometheus asks (default ":7103")`;

export const command: Command = {
  help,
  tools,
  async run(args, terminal) {
    const { values, positionals } = readArgs(args, { ...serveOptions, ...adapterOptions });
    refuseArguments(positionals, 'adapter');
    const served = await toText(values, values.config);
    if (!values.once) return serveText({ ...values, ...served }, terminal, 'adapter');
    const { printOnce } = await import('./adapter/once.ts');
    return printOnce(served, terminal);
  },
};

async function toText(flags: AdapterFlags, file: string) {
  const text = configOfUrl(flags);
  if (text !== undefined) return { text, file: '--url', watch: false };
  return { text: await readConfigFile(file), file, watch: true };
}
