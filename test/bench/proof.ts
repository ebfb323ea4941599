import { request } from 'undici';

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  /** The headers of a caller who may not pass; absent where nobody is checked. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** Throws unless a proxy passes on what the app answers, whole, and turns away who may not pass. */
export async function proveProxy(
  name: string,
  proxy: string,
  app: string,
  { headers = {}, refused }: Asking,
): Promise<void> {
  const [expected, seen] = [await ask(app, {}), await ask(proxy, headers)];
  if (seen.status !== expected.status || seen.app !== expected.app || seen.body !== expected.body) {
    throw new Error(`${name} does not answer as the app does: ${seen.status} ${excerpt(seen)}`);
  }
  if (refused === undefined) return;
  const { status } = await ask(proxy, refused);
  if (status !== 401 && status !== 403) {
    throw new Error(`${name} answers ${status} to a caller who may not pass, not 401 or 403`);
  }
}

async function ask(url: string, headers: Readonly<Record<string, string>>) {
  const answer = await request(url, { headers });
  return {
    status: answer.statusCode,
    app: String(answer.headers['x-app']),
    body: await answer.body.text(),
  };
}

function excerpt({ body }: { readonly body: string }): string {
  return JSON.stringify(body.slice(0, 80));
}
