import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showConfig } from '../../../sidecars/core/admin/shown-config.ts';

test('headers and queries that are called as secrets are hidden, all else is shown', () => {
  const source = {
    url: 'https://app.test/stats?full=1&access_token=s3cret&key=s3cret#part',
    auth: { apiKey: { header: 'x-key', value: { toJSON: () => '(secret from file /k)' } } },
    headers: { Authorization: 'Bearer s3cret', 'X-Api-Key': 's3cret', Cookie: 's3cret', Via: 'me' },
    query: { key: 's3cret', password: 's3cret', full: '1' },
    tls: { key: '/etc/tls.key' },
    oauth2: { tokenUrl: 'https://id.test/token' },
    labels: { key: 'shown' },
  };
  const shown = showConfig({ sources: { app: source } });
  assert.doesNotMatch(shown, /s3cret/);
  assert.deepEqual(JSON.parse(shown).sources.app, {
    ...source,
    url: 'https://app.test/stats?full=1&access_token=(hidden)&key=(hidden)#part',
    auth: { apiKey: { header: 'x-key', value: '(secret from file /k)' } },
    headers: { Authorization: '(hidden)', 'X-Api-Key': '(hidden)', Cookie: '(hidden)', Via: 'me' },
    query: { key: '(hidden)', password: '(hidden)', full: '1' },
  });
});
