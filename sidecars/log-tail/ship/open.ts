import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { OutputConfig, ShippingConfig } from './config.ts';
import type { Labels } from './encode/document.ts';
import { createDirectOutput } from './local/direct.ts';
import { openFile } from './local/file.ts';
import { openStdout } from './local/stdout.ts';
import type { OutputMetrics, ShipMetrics } from './metrics.ts';
import type { Output, OutputEvents } from './output.ts';
import { createShippingOutput } from './queue/shipping.ts';
import { createElasticsearchSink } from './receivers/elasticsearch.ts';
import { createForwardSink } from './receivers/forward.ts';
import { createHttpSink } from './receivers/http.ts';
import { openKafkaSink } from './receivers/kafka.ts';
import { createLokiSink } from './receivers/loki.ts';
import { openModuleSink } from './receivers/module-sink.ts';
import { createOtlpSink } from './receivers/otlp.ts';
import { createSyslogSink } from './receivers/syslog.ts';
import type { Sink } from './sink.ts';

export interface OpenOptions extends OutputEvents {
  readonly name: string;
  readonly config: OutputConfig;
  /** What is known of the pod, for every record. */
  readonly labels: Labels;
  readonly metrics: ShipMetrics;
  readonly logger: Logger;
}

/** Opens one of the config's outputs. @throws when its file or module cannot be opened */
export async function openOutput(options: OpenOptions): Promise<Output> {
  const { name, config, labels } = options;
  const metrics = options.metrics.introduce(name);
  if (config.type === 'stdout') {
    return createDirectOutput({ ...options, config, metrics, target: openStdout() });
  }
  if (config.type === 'file') {
    const target = openFile({ ...config, ...reportTo(options, metrics) });
    return createDirectOutput({ ...options, config, metrics, target });
  }
  const sink = await openSink(name, config, labels);
  return createShippingOutput({ ...options, config, metrics, sink });
}

/** A failure that lasts is said once. */
function reportTo({ name, logger }: OpenOptions, metrics: OutputMetrics) {
  let failing = false;
  return {
    failed(error: unknown) {
      metrics.failed('other');
      const what = `output ${name} fails, and is tried again: ${describeError(error)}`;
      if (!failing) logger.warn({ output: name }, what);
      failing = true;
    },
    recovered() {
      failing = false;
      logger.info({ output: name }, `output ${name} works again`);
    },
  };
}

async function openSink(name: string, config: ShippingConfig, labels: Labels): Promise<Sink> {
  switch (config.type) {
    case 'http':
      return createHttpSink(config, labels);
    case 'loki':
      return createLokiSink(config, labels);
    case 'elasticsearch':
      return createElasticsearchSink(config, labels);
    case 'otlp':
      return createOtlpSink(config, labels);
    case 'syslog':
      return createSyslogSink(config);
    case 'forward':
      return createForwardSink(config, labels);
    case 'kafka':
      return openKafkaSink(name, config, labels);
    case 'module':
      return openModuleSink(config);
  }
}
