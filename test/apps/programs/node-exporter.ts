import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** Node exporter with nothing but its textfile collector, which reads the given folder. */
export async function startNodeExporter(folder: string): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const directory = await temporaryDirectory('node-exporter');
  const url = `http://127.0.0.1:${port}`;
  return startProgram({
    command: 'prometheus-node-exporter',
    args: [
      `--web.listen-address=127.0.0.1:${port}`,
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ],
    directory,
    url,
    ready: `${url}/metrics`,
  });
}
