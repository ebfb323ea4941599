/** Codes of the Kafka protocol that say that this very batch is too large for its topic. */
const tooLarge: readonly unknown[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** All that went wrong, the outermost first: the client wraps what each try and partition said. */
function unfold(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error, ...inner.flatMap(unfold), ...unfold(error.cause)];
}

/** True when a partition refused its part of a batch for its size, and none failed otherwise. */
export function isTooLarge(error: unknown): boolean {
  const codes = unfold(error)
    .map((one) => Reflect.get(one, 'apiId'))
    .filter((code) => code !== undefined);
  return codes.length > 0 && codes.every((code) => tooLarge.includes(code));
}

/** What the broker, or else the system, said; not how often the client had tried. */
export function describeKafkaError(error: unknown): string {
  const all = unfold(error);
  const told = all.findLast((one) => Reflect.get(one, 'apiId') !== undefined) ?? all.at(-1);
  if (told === undefined) return String(error);
  const code: unknown = Reflect.get(told, 'apiId');
  const text = told.message;
  if (code === 'SASL_AUTHENTICATION_FAILED') return `${code}: check sasl's username and password`;
  return typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text;
}
