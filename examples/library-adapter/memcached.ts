// An app that speaks neither HTTP nor JSON: https://github.com/memcached/memcached/blob/master/doc/protocol.txt
import { once } from 'node:events';
import { connect } from 'node:net';
import { defineAdapter } from 'podmates/adapter';

export default defineAdapter({
  name: 'memcached',
  async collect(input, metrics, signal) {
    const { host, port } = input.options;
    const stats = await readStats(String(host), Number(port), signal);
    const number = (name: string) => Number(stats.get(name));
    metrics
      .counter('memcached_commands_total', { help: 'Commands by kind.' })
      .add(number('cmd_get'), { command: 'get' });
    metrics.gauge('memcached_items', { help: 'Items in the cache.' }).add(number('curr_items'));
    metrics.gauge('memcached_used_bytes', { help: 'Memory that items take.' }).add(number('bytes'));
    metrics.info('memcached_version_info', { version: stats.get('version') });
  },
});

async function readStats(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const socket = connect({ host, port });
  const stop = () => socket.destroy(new Error('the scrape is over'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await once(socket, 'connect', { signal });
    socket.write('stats\r\n');
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      text += chunk;
      if (text.endsWith('END\r\n')) break;
    }
    const lines = text.split('\r\n').filter((line) => line.startsWith('STAT '));
    return new Map(lines.map((line) => line.slice(5).split(' ', 2) as [string, string]));
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
