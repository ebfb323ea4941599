import { describeError, PodmatesError } from '../../../core/errors.ts';
import { deadlineIn, timeUp } from '../../../core/lifecycle.ts';
import { loadModule } from '../../../core/module.ts';
import {
  type Authenticator,
  absent,
  type Finding,
  forbidden,
  type Inquiry,
  proved,
  rejected,
  undecided,
} from '../authenticator.ts';
import { isCleanText, isRecord } from '../claims.ts';
import type { Answer, AuthenticatorDefinition, Caller } from '../define.ts';
import type { ProviderContext } from '../provider.ts';
import { createCredentialCache } from '../remember/credential-cache.ts';
import type { Judgement } from '../remember/judgement-memory.ts';
import type { CustomConfig } from './config.ts';

/** An authenticator of the user's own, held to the same promises as those that are built in. */
export function createCustomAuthenticator(
  config: CustomConfig,
  context: ProviderContext,
  given: Readonly<Record<string, AuthenticatorDefinition>>,
): Authenticator {
  const { name, logger, metrics } = context;
  const tools = { options: config.options, logger };
  const remembered = createCredentialCache({ ...config.cache, metrics });
  let definition = config.use === undefined ? undefined : pick(given, config.use, name);

  const ask = async (inquiry: Inquiry, signal?: AbortSignal): Promise<Judgement> => {
    if (definition === undefined) return { finding: undecided('not_loaded') };
    const deadline = deadlineIn(config.timeout, signal);
    try {
      const answer = definition.authenticate(inquiry, tools, deadline);
      const answered = await Promise.race([answer, timeUp(deadline)]);
      return { finding: toFinding(answered, name), definitive: true };
    } catch (error) {
      logger.warn({ provider: name }, `cannot decide: ${describeError(error)}`);
      return { finding: undecided(deadline.aborted ? 'timeout' : 'threw') };
    }
  };
  return {
    get challenge() {
      return definition?.challenge;
    },
    get credentialHeaders() {
      return definition?.credentialHeaders.map((header) => header.toLowerCase()) ?? [];
    },
    async start() {
      definition ??= await load(config.module ?? '', name);
      await definition.start?.(tools);
    },
    async stop() {
      await definition?.stop?.();
    },
    check: () => ({ ok: definition !== undefined, message: config.module ?? config.use ?? '' }),
    authenticate(asked, signal) {
      const inquiry = { ...asked, header: (name: string) => asked.header(name.toLowerCase()) };
      const shown = definition?.credentialHeaders.map(inquiry.header) ?? [];
      // Callers who show nothing are not told apart by it, so what one of them is, the next is not.
      const cached = config.cache.ttl > 0 && shown.some((value) => value !== undefined);
      if (!cached) return ask(inquiry, signal).then(({ finding }) => finding);
      // Shared with others who show the same: this caller's hanging up must not end it for them.
      return remembered.look(JSON.stringify(shown), () => ask(inquiry));
    },
  };
}

function pick(
  given: Readonly<Record<string, AuthenticatorDefinition>>,
  use: string,
  provider: string,
): AuthenticatorDefinition {
  const found = Object.hasOwn(given, use) ? given[use] : undefined;
  if (found !== undefined) return found;
  const reason = `auth.${provider}.use: no authenticator "${use}" was given to createAmbassador`;
  throw new PodmatesError('ERR_MODULE', reason);
}

async function load(file: string, provider: string): Promise<AuthenticatorDefinition> {
  const loaded = await loadModule(file);
  if (isDefinition(loaded)) return loaded;
  const reason = `auth.${provider}.module: ${file} exports by default no defineAuthenticator({...})`;
  throw new PodmatesError('ERR_MODULE', reason);
}

function isDefinition(value: unknown): value is AuthenticatorDefinition {
  return (
    isRecord(value) &&
    typeof value['authenticate'] === 'function' &&
    Array.isArray(value['credentialHeaders'])
  );
}

function toFinding(answer: Answer, provider: string): Finding {
  if (answer === undefined) return absent;
  if ('rejected' in answer) return rejected(answer.rejected);
  if ('forbidden' in answer) return forbidden(answer.forbidden);
  return toProved(answer, provider);
}

function toProved(caller: Caller, provider: string): Finding {
  const { subject, groups = [], scopes = [], claims = {}, expiresAt } = caller;
  if (![subject, ...groups, ...scopes].every((text) => isCleanText(text))) {
    return rejected('malformed_claims');
  }
  if (expiresAt !== undefined && expiresAt <= Date.now()) return rejected('expired');
  return proved(
    Object.freeze({
      provider,
      subject,
      groups: Object.freeze([...groups]),
      scopes: Object.freeze([...scopes]),
      claims: Object.freeze({ ...claims }),
      expiresAt,
    }),
  );
}
