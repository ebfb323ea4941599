import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { awaitUntil } from '../await-until.ts';
import { deliver, makeDirectory } from '../log-tail/delivery-harness.ts';
import { type StartReceiver, startRsyslog, startSyslogNg } from './syslog-receivers.ts';

const receivers: Readonly<Record<string, StartReceiver>> = {
  rsyslog: startRsyslog,
  'syslog-ng': startSyslogNg,
};

const records = [
  '{"time":"2026-11-23T01:02:03.004Z","level":"error","msg":"boom"}',
  '{"time":"2026-11-23T01:02:03.005Z","level":"debug","msg":"ünïcode € 😀"}',
  '{"time":"2026-11-23T01:02:03.006Z","msg":"it says <13>1 - and 12 and [x=\\"y\\"]"}',
];

for (const [name, start] of Object.entries(receivers)) {
  test(`${name} understands every message, over each transport`, async (t) => {
    const directory = makeDirectory(t);
    const receiver = await start(directory);
    t.after(receiver.stop);
    const section = (transport: string, port: number) => ({
      outputs: {
        syslog: {
          address: `127.0.0.1:${port}`,
          transport,
          facility: 17,
          hostname: 'pod-1',
          batch: { wait: '5ms' },
          ...(transport === 'tls' ? { tls: { ca: join(directory, 'cert.pem') } } : {}),
        },
      },
    });
    const transports = { tcp: receiver.tcp, udp: receiver.udp, tls: receiver.tls };
    let expected = 0;
    for (const [transport, port] of Object.entries(transports)) {
      if (port === undefined) continue;
      const { give, untilAcknowledged } = await deliver(t, section(transport, port));
      give(`${records.join('\n')}\n`);
      await untilAcknowledged();
      expected += records.length;
      await awaitUntil(() => receiver.messages().length === expected, {
        what: `${expected} messages, the last over ${transport}`,
      });
      const taken = receiver.messages().slice(-records.length);
      assert.deepEqual(
        taken.map(({ message }) => message),
        records,
        transport,
      );
      assert.deepEqual(
        taken.map(({ priority }) => priority),
        [17 * 8 + 3, 17 * 8 + 7, 17 * 8 + 6],
      );
      for (const { host, app } of taken) assert.deepEqual([host, app], ['pod-1', 'app']);
      assert.equal(new Date(taken[0]?.time ?? '').toISOString(), '2026-11-23T01:02:03.004Z');
    }
    assert.ok(expected >= 6);
  });

  test(`${name} gets records of several lines as one, and long ones whole, over TCP`, async (t) => {
    const receiver = await start(makeDirectory(t));
    t.after(receiver.stop);
    const { give, untilAcknowledged } = await deliver(t, {
      inputs: { app: { paths: ['/unused'], multiline: 'java' } },
      outputs: { syslog: { address: `127.0.0.1:${receiver.tcp}`, batch: { wait: '5ms' } } },
    });
    const trace = 'ERROR boom\njava.lang.Error: x\n\tat a.B.c(B.java:1)';
    const long = `long ${'0123456789'.repeat(3000)}`;
    give(`${trace}\n${long}\n`);
    await untilAcknowledged();
    await awaitUntil(() => receiver.messages().length === 2, { what: 'two messages' });
    assert.deepEqual(
      receiver.messages().map(({ message }) => message),
      [trace, long],
    );
  });

  test(`what is written while ${name} is down comes in order when it is up again`, async (t) => {
    const receiver = await start(makeDirectory(t));
    t.after(receiver.stop);
    const { give, untilAcknowledged } = await deliver(t, {
      outputs: {
        syslog: {
          address: `127.0.0.1:${receiver.tcp}`,
          batch: { wait: '5ms' },
          retry: { min: '10ms', max: '100ms' },
        },
      },
    });
    const lines = Array.from({ length: 300 }, (_, n) => `line ${n}`);
    for (const line of lines.slice(0, 100)) give(`${line}\n`);
    await untilAcknowledged();
    await awaitUntil(() => receiver.messages().length === 100, { what: 'the first hundred' });
    await receiver.stop();
    for (const line of lines.slice(100, 200)) give(`${line}\n`);
    await receiver.restart();
    for (const line of lines.slice(200)) give(`${line}\n`);
    await untilAcknowledged();
    await awaitUntil(() => receiver.messages().length >= 300, { what: 'all of them' });
    assert.deepEqual(
      receiver.messages().map(({ message }) => message),
      lines,
    );
  });
}
