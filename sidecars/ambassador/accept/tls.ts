import { constants, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { type FileWatch, watchFile } from '../../core/config/watch.ts';
import { describeError, PodmatesError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Metrics } from '../../core/metrics.ts';

export interface TlsSetup {
  readonly cert: string;
  readonly key: string;
  /** Files with the authorities whose certificates callers are asked for; none asks for none. */
  readonly clientAuthorities: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The TLS of a listener, from files that are read again when they change. */
export interface Tls {
  /** What a server is made with. @throws PodmatesError ERR_LISTEN when the files do not fit together */
  options(): TlsOptions;
  /** Puts changed files in force in a running server, for the connections that come from then on. */
  follow(server: TlsServer): void;
  stop(): void;
}

/** What HTTPS servers of either version have. */
export interface TlsServer {
  setSecureContext(options: SecureContextOptions): void;
  on(event: 'tlsClientError', listener: () => void): unknown;
}

export function createTls({ cert, key, clientAuthorities, logger, metrics }: TlsSetup): Tls {
  const files = [cert, key, ...clientAuthorities];
  const watches: FileWatch[] = [];
  const { reloaded, failed, certificateEnds } = createTlsMetrics(metrics);
  const read = (): SecureContextOptions => {
    const pem = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    const ca = clientAuthorities.map((file) => readFileSync(file, 'utf8'));
    // A resumed session brings the caller's certificate without its intermediates: no way up to ours.
    const asking = { ca, secureOptions: constants.SSL_OP_NO_TICKET };
    const context = { ...pem, ...(ca.length > 0 && asking), minVersion: 'TLSv1.2' } as const;
    createSecureContext(context); // throws when the key is not the certificate's
    certificateEnds.set(new X509Certificate(pem.cert).validToDate.getTime() / 1000);
    return context;
  };
  return {
    options() {
      try {
        // Callers without a certificate, or with a strange one, are refused by route and with words.
        const ask = { requestCert: clientAuthorities.length > 0, rejectUnauthorized: false };
        return { ...read(), ...ask, ALPNProtocols: ['http/1.1'], handshakeTimeout: 10_000 };
      } catch (error) {
        const reason = `ambassador.tls: cannot use ${files.join(', ')}: ${describeError(error)}`;
        throw new PodmatesError('ERR_LISTEN', reason, { cause: error });
      }
    },
    follow(server) {
      server.on('tlsClientError', () => failed.inc());
      const reload = () => {
        try {
          server.setSecureContext(read());
          reloaded.inc({ result: 'success' });
          logger.info({ files }, 'certificate read again');
        } catch (error) {
          // Often just the moment between two files; the next change mends it.
          reloaded.inc({ result: 'error' });
          logger.error({ files }, `keeping the certificate as it was: ${describeError(error)}`);
        }
      };
      for (const file of new Set(files)) {
        const text = readFileSync(file, 'utf8');
        watches.push(watchFile({ file, text, onChange: reload, onError: reload }));
      }
    },
    stop() {
      for (const watch of watches.splice(0)) watch.close();
    },
  };
}

function createTlsMetrics(metrics: Metrics) {
  const reloaded = metrics.counter({
    name: 'podmates_ambassador_tls_reloads_total',
    help: 'Attempts to put a changed certificate, key or authority in force.',
    labelNames: ['result'],
  });
  for (const result of ['success', 'error']) reloaded.inc({ result }, 0);
  const failed = metrics.counter({
    name: 'podmates_ambassador_tls_failures_total',
    help: 'Connections that came to nothing: the TLS handshake failed, or took too long.',
  });
  const certificateEnds = metrics.gauge({
    name: 'podmates_ambassador_tls_certificate_not_after_timestamp_seconds',
    help: 'When the certificate in force ends, in seconds since the epoch.',
  });
  return { reloaded, failed, certificateEnds };
}
