import type { StatusSection } from '../core/admin/status.ts';
import type { Gate } from './policy/gate.ts';

/** What the page for people shows. */
export function describeStatus(gate: Gate, underWay: number): readonly StatusSection[] {
  const { config, authenticators, upstreams } = gate;
  return [
    {
      title: 'Apps',
      columns: ['name', 'url', 'connections', 'waiting'],
      rows: [...upstreams].map(
        ([
          name,
          {
            config: { url },
            pool,
          },
        ]) => [name, url, pool.size, pool.waiting],
      ),
    },
    {
      title: 'Ways to say who is asking',
      columns: ['name', 'type', 'state'],
      rows: [...authenticators].map(([name, authenticator]) => {
        const check = authenticator.check?.();
        const state = check === undefined || check.ok ? 'ok' : (check.message ?? 'failing');
        return [name, config.auth[name]?.type ?? '', state];
      }),
      empty: 'None: every route is public.',
    },
    {
      title: `Routes (${underWay} requests under way)`,
      columns: ['host', 'path', 'methods', 'who'],
      rows: config.routes
        .slice(0, 200)
        .map(({ host, path, methods, public: open, auth }) => [
          host ?? '*',
          path,
          methods?.join(' ') ?? '*',
          open ? 'everybody' : (auth ?? Object.keys(config.auth)).join(' or '),
        ]),
      empty: 'None: every request is refused.',
    },
  ];
}
