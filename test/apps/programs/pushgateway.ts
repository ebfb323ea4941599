import { freePorts, type Program, startProgram, temporaryDirectory } from './program.ts';

/** The Pushgateway, in memory. */
export async function startPushgateway(): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const directory = await temporaryDirectory('pushgateway');
  const url = `http://127.0.0.1:${port}`;
  return startProgram({
    command: 'prometheus-pushgateway',
    args: [`--web.listen-address=127.0.0.1:${port}`],
    directory,
    url,
    ready: `${url}/-/ready`,
  });
}
