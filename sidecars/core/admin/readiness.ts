export interface CheckResult {
  readonly ok: boolean;
  /** What is wrong, or what is well, in a few words. */
  readonly message?: string;
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Named checks that together say whether a container can do its job right now. */
export interface Readiness {
  /** Adds a check, asked at every report. A name given again replaces the check. */
  check(name: string, ask: () => CheckResult): void;
  remove(name: string): void;
  /** From now on never ready again: the container is shutting down. */
  drain(): void;
  report(): ReadinessReport;
}

export function createReadiness(): Readiness {
  const checks = new Map<string, () => CheckResult>();
  return {
    check: (name, ask) => void checks.set(name, ask),
    remove: (name) => void checks.delete(name),
    drain: () => void checks.set('draining', () => ({ ok: false, message: 'shutting down' })),
    report() {
      const results = [...checks].map(([name, ask]) => [name, ask()] as const);
      return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
    },
  };
}
