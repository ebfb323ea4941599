import type { LogRecord } from '../../record.ts';
import { type Severity, severityOf } from '../../severity.ts';

export interface SyslogHeader {
  readonly facility: number;
  readonly hostname: string;
  /** The name of the input without it. */
  readonly appName?: string | undefined;
}

/** RFC 5424 section 6.2.1; those without a severity are informational. */
const severityCodes: Readonly<Record<Severity, number>> = {
  trace: 7,
  debug: 7,
  info: 6,
  warn: 4,
  error: 3,
  fatal: 2,
};

/** A message of RFC 5424, without framing: no PROCID, MSGID or STRUCTURED-DATA. */
export function toSyslogMessage(record: LogRecord, header: SyslogHeader): string {
  const severity = severityCodes[severityOf(record.fields) ?? 'info'];
  const priority = header.facility * 8 + severity;
  const time = new Date(record.time).toISOString();
  const app = toName(header.appName ?? record.file.input, 48);
  return `<${priority}>1 ${time} ${toName(header.hostname, 255)} ${app} - - - ${record.text}`;
}

/** PRINTUSASCII, and not empty. */
function toName(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, maxLength) || '-';
}
