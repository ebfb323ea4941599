import { defineAdapter } from 'podmates/adapter';

/** The scale answers with lines such as `belt-3;net=1250;ok`, which is not JSON. */
export default defineAdapter({
  name: 'readings',
  collect(input, metrics) {
    const perKilogram = input.options['unit'] === 'grams' ? 1000 : 1;
    const weight = metrics.gauge('scale_weight_kilograms', { help: 'Net weight on each belt.' });
    const healthy = metrics.gauge('scale_healthy', { help: 'Whether the belt reports no fault.' });
    for (const line of input.text().trim().split('\n')) {
      const [belt = '', net = '', state = ''] = line.split(';');
      weight.add(Number(net.replace('net=', '')) / perKilogram, { belt });
      healthy.add(state === 'ok' ? 1 : 0, { belt });
    }
  },
});
