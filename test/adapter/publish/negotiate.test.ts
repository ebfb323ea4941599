import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from '../../../sidecars/adapter/publish/negotiate.ts';

const om = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const plain = 'text/plain; version=0.0.4; charset=utf-8';

test('the format is the one that the scraper likes best', () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, plain],
    ['', plain],
    ['*/*', plain],
    ['text/html', plain],
    ['text/plain', plain],
    ['application/openmetrics-text', om],
    // Prometheus 2.42
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      om,
    ],
    // Prometheus 3, with native histograms wished for
    [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      `${om}; escaping=allow-utf-8`,
    ],
    ['text/plain;version=0.0.4;escaping=allow-utf-8', `${plain}; escaping=allow-utf-8`],
    ['text/plain;version=0.0.4;escaping=allow-utf8', `${plain}; escaping=allow-utf-8`],
    ['text/plain;version=0.0.4;escaping=dots', `${plain}; escaping=dots`],
    ['text/plain;version=0.0.4;escaping=values', `${plain}; escaping=values`],
    ['text/plain;version=0.0.4;escaping=unheard-of', plain],
    // What was asked for by name is answered by name.
    ['text/plain;version=0.0.4;escaping=underscores', `${plain}; escaping=underscores`],
    ['text/plain;version=1.0.0', plain.replace('0.0.4', '1.0.0')],
    [
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2',
      `${plain.replace('0.0.4', '1.0.0')}; escaping=allow-utf-8`,
    ],
    ['application/openmetrics-text;version=0.0.1', om.replace('1.0.0', '0.0.1')],
    ['text/plain;q=0.9, application/openmetrics-text;q=0.1', plain],
    ['application/openmetrics-text;q=0, text/plain', plain],
    ['application/openmetrics-text;q=0', plain],
    ['application/openmetrics-text;version=2.0.0, text/plain;q=0.1', plain],
    ['Application/OpenMetrics-Text ; Version="1.0.0" ; q=1', om],
    ['text/*;q=0.5, application/openmetrics-text;q=0.4', plain],
    ['text/plain, application/openmetrics-text', om],
    [',,;q=;=,text/plain;q=x', plain],
  ];
  for (const [accept, expected] of cases) {
    assert.equal(negotiate(accept).contentType, expected, String(accept));
  }
});
