const line =
  /^(\S+) (\S+) (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;
const request = /^([A-Z]+) (\S+)(?: (HTTP\/[\d.]+))?$/;

/** Every field that a line may have. */
export const accessFields: readonly string[] = [
  ...['client', 'user', 'time', 'request', 'method', 'target', 'path', 'protocol'],
  ...['status', 'bytes', 'referer', 'agent'],
];

/**
 * The common and the combined log format, as Apache httpd and nginx write them unless told
 * otherwise. Further columns behind them are left alone. A `-` is a field that is not there.
 */
export function parseAccess(text: string): Record<string, unknown> | undefined {
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, client = '-', , user = '-', time, asked = '', status, bytes, referer, agent] = match;
  const fields: Record<string, unknown> = { client };
  if (user !== '-') fields['user'] = user;
  fields['time'] = time;
  const parts = request.exec(asked);
  if (parts === null) fields['request'] = asked;
  else {
    const [, method, target = '', protocol] = parts;
    fields['method'] = method;
    fields['target'] = target;
    fields['path'] = target.split('?', 1)[0];
    if (protocol !== undefined) fields['protocol'] = protocol;
  }
  fields['status'] = Number(status);
  if (bytes !== '-') fields['bytes'] = Number(bytes);
  if (referer !== undefined && referer !== '-') fields['referer'] = referer;
  if (agent !== undefined && agent !== '-') fields['agent'] = agent;
  return fields;
}
