import { defineAdapter } from 'podmates/adapter';

/**
 * A controller that answers with a record of 16 bytes, big-endian: u32 cycles, u16 faults,
 * i16 temperature in tenths of a degree, u8 state, 3 bytes reserved, u32 uptime in seconds.
 */
const states = ['off', 'starting', 'running', 'halted'];

export default defineAdapter({
  name: 'binary-status',
  collect(input, metrics) {
    const { buffer, byteOffset, byteLength } = input.body;
    if (byteLength !== 16) throw new Error(`a record has 16 bytes, not ${byteLength}`);
    const record = new DataView(buffer, byteOffset, byteLength);
    const started = Date.now() / 1000 - record.getUint32(12);
    metrics
      .counter('press_cycles_total', { help: 'Cycles since the start.' })
      .add(record.getUint32(0), {}, started);
    metrics
      .counter('press_faults_total', { help: 'Faults since the start.' })
      .add(record.getUint16(4), {}, started);
    metrics
      .gauge('press_temperature_celsius', { help: 'Temperature of the oil.', unit: 'celsius' })
      .add(record.getInt16(6) / 10);
    metrics.stateset(
      'press_state',
      states,
      states[record.getUint8(8)] ?? 'off',
      {},
      {
        help: 'What the press is doing.',
      },
    );
  },
});
