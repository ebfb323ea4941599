/**
 * The JSON stats of an app with many rows: four numbers and two labels in each.
 * @param turn how often it has been asked before: its numbers are others each time
 */
export function makeStats(rows: number, turn = 0): string {
  const applications = Array.from({ length: rows }, (_, index) => ({
    name: `app-${index}`,
    group: `group-${index % 20}`,
    state: index % 7 === 0 ? 'degraded' : 'running',
    version: `1.${index % 30}.${index % 9}`,
    started: new Date(1_760_000_000_000 + index * 60_000).toISOString(),
    endpoint: `http://10.0.${index % 250}.${(index * 7) % 250}:8080/very/long/path/${index}`,
    requests: {
      total: index * 1013 + turn * 17,
      failed: index * 3 + turn,
      in_flight: (index + turn) % 17,
    },
    memory_bytes: 1_000_000 + (index + turn) * 4096,
    latency_ms: {
      p50: 1.25 + ((index + turn) % 100) / 10,
      p90: 4.5 + ((index + turn) % 100) / 5,
      p99: 12.75 + (index + turn) / 10,
    },
    tags: ['team-a', `zone-${index % 3}`, 'tier-backend'],
    note: 'the quick brown fox jumps over the lazy dog while nobody watches the gauges',
  }));
  return JSON.stringify({ host: 'stats-1', uptime_seconds: 86_400 + 15 * turn, applications });
}

/** The same mapping for every contestant: four series a row. */
export const adapterConfig = (url: string, port: number) => `adapter:
  admin: { listen: "127.0.0.1:${port}" }
  limits: { series: 1000000 }
  sources:
    app:
      url: ${url}
      metrics:
        - each: applications[*]
          labels: { name: name, group: group }
          metrics:
            - { counter: app_requests_total, help: Requests., value: requests.total }
            - { counter: app_requests_failed_total, help: Failures., value: requests.failed }
            - { gauge: app_requests_in_flight, help: In flight., value: requests.in_flight }
            - { gauge: app_memory_bytes, help: Memory., value: memory_bytes }
`;
