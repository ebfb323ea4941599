import { defineAdapter } from 'podmates/adapter';

interface Job {
  readonly queue: string;
  readonly queuedAt: string;
  readonly attempts: number;
}

/** Says of a list of jobs what no rule for rows can: the oldest and the most troubled of each queue. */
export default defineAdapter({
  name: 'oldest-job',
  collect(input, metrics) {
    const { now, jobs } = input.json() as { readonly now: string; readonly jobs: readonly Job[] };
    const age = metrics.gauge('queue_oldest_job_age_seconds', {
      help: 'Age of the oldest job that still waits.',
      unit: 'seconds',
    });
    const attempts = metrics.gauge('queue_job_attempts_max', {
      help: 'Most attempts that a waiting job has had.',
    });
    for (const [queue, waiting] of Map.groupBy(jobs, (job) => job.queue)) {
      const since = Math.min(...waiting.map(({ queuedAt }) => Date.parse(queuedAt)));
      age.add((Date.parse(now) - since) / 1000, { queue });
      attempts.add(Math.max(...waiting.map((job) => job.attempts)), { queue });
    }
  },
});
