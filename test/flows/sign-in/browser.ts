import { request } from 'node:http';

export interface Page {
  readonly status: number;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** As much of a browser as a login needs: cookies by origin, redirects, and forms. */
export interface Browser {
  /** Opens a page as a person does, and follows where it leads. */
  open(url: string): Promise<Page>;
  /** One request, not followed; with the cookies of its origin. */
  ask(url: string, options?: Asked): Promise<Page>;
  /** Fills in the form of a page and goes where that leads. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page>;
  readonly cookies: ReadonlyMap<string, Map<string, string>>;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const navigation = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };
const redirects = new Set([302, 303, 307]);

/** @param ports the local port behind an origin, as if a proxy in front had ended its TLS */
export function createBrowser(ports: Readonly<Record<string, number>>): Browser {
  const cookies = new Map<string, Map<string, string>>();

  const keep = ({ origin }: URL, lines: readonly string[]) => {
    const jar = cookies.get(origin) ?? new Map<string, string>();
    cookies.set(origin, jar);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ');
      const name = pair.slice(0, pair.indexOf('='));
      if (attributes.includes('Max-Age=0')) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
  };
  const ask = async (text: string, asked: Asked = {}): Promise<Page> => {
    const url = new URL(text);
    const jar = [...(cookies.get(url.origin) ?? [])].map((pair) => pair.join('='));
    const cookie = jar.length > 0 ? { cookie: jar.join('; ') } : {};
    const page = await send(url, ports[url.origin] ?? Number(url.port), {
      ...asked,
      headers: { host: url.host, ...cookie, ...asked.headers },
    });
    keep(url, [page.headers['set-cookie'] ?? []].flat());
    return page;
  };
  const follow = async (page: Page): Promise<Page> => {
    let at = page;
    for (let hops = 0; redirects.has(at.status); hops++) {
      if (hops === 15) throw new Error(`goes in circles at ${at.url}`);
      const next = new URL(String(at.headers['location']), at.url);
      at = await ask(next.href, { headers: navigation });
    }
    return at;
  };
  return {
    cookies,
    ask,
    open: async (url) => follow(await ask(url, { headers: navigation })),
    async submit(page, fields) {
      const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
      if (action === undefined) throw new Error(`no form on ${page.url}: ${page.body}`);
      return follow(
        await ask(new URL(action, page.url).href, {
          method: 'POST',
          headers: { ...navigation, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams(fields).toString(),
        }),
      );
    },
  };
}

function send(
  url: URL,
  port: number,
  { method = 'GET', headers = {}, body }: Asked,
): Promise<Page> {
  const path = url.pathname + url.search;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, url, headers: response.headers, body: text });
      });
    });
    sent.end(body);
  });
}
