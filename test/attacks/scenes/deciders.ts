import type { IncomingMessage, ServerResponse } from 'node:http';
import { now } from '../../ambassador/authenticate/issuer.ts';
import type { Attack } from '../attack.ts';
import { answerJson, type Stage } from '../stage.ts';
import { request } from '../wire.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let shown = 0;
/** A token that nobody has seen before. */
const ask = (path: string, ...headers: readonly string[]) =>
  request(`GET ${path} HTTP/1.1`, [`Authorization: Bearer opaque-${shown++}`, ...headers]);

/** Whatever is asked; what their bodies say would be a yes. */
const broken: readonly Answer[] = [
  () => {},
  (_request, response) => response.writeHead(500).end('{"active":true}'),
  (_request, response) => response.writeHead(302, { location: '/yes' }).end('{"active":true}'),
  (_request, response) => response.end(`{"active":true,"x":"${'y'.repeat(5_000_000)}"}`),
  (_request, response) => response.socket?.destroy(),
  (_request, response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{'),
];

const nonsense: readonly Answer[] = [
  '',
  '{"active":tru',
  '[]',
  'null',
  '"yes"',
  '{"active":"true"}',
].map((body) => (_request, response) => response.end(body));

const authenticated = answerJson({
  status: { authenticated: true, audiences: ['orders'], user: { username: 'joe' } },
});
const onReview =
  (token: Answer, access: Answer): Answer =>
  (asked, response) =>
    asked.url?.endsWith('/tokenreviews') === true
      ? token(asked, response)
      : access(asked, response);

async function reaches(stage: Stage, path: string): Promise<void> {
  stage.app.forget();
  const heard = await stage.send(ask(path));
  if (heard.answers[0]?.status !== 200) throw new Error(heard.raw);
}

export const deciders: readonly Attack[] = [
  {
    number: 24,
    title:
      'introspection, TokenReview, RBAC or forward auth is slow, broken, redirects, or talks nonsense',
    async run(stage) {
      const undecided = async (path: string, answers: readonly Answer[]) => {
        for (const answer of answers) {
          stage.decider.respond(answer);
          await stage.denied(ask(path), 503);
        }
      };
      await undecided('/asked/a', [...broken, ...nonsense]);
      await undecided('/checked/a', broken);
      await undecided('/reviewed/a', [...broken, ...nonsense]);
      const access = [...broken, ...nonsense, answerJson({ status: { allowed: 'true' } })];
      await undecided(
        '/reviewed/a',
        access.map((answer) => onReview(authenticated, answer)),
      );

      stage.decider.respond(answerJson({ active: true })); // nobody's
      await stage.denied(ask('/asked/a'), 401);
      const no = answerJson({ status: { allowed: true, denied: true } });
      stage.decider.respond(onReview(authenticated, no));
      await stage.denied(ask('/reviewed/a'), 403);
      for (const audiences of [undefined, [], ['others']]) {
        const user = { username: 'joe' };
        stage.decider.respond(answerJson({ status: { authenticated: true, audiences, user } }));
        await stage.denied(ask('/reviewed/a'), 401);
      }
      stage.decider.respond(answerJson({ active: true, sub: 'joe', exp: now() + 60 }));
      await reaches(stage, '/asked/a');
      stage.decider.respond(onReview(authenticated, answerJson({ status: { allowed: true } })));
      await reaches(stage, '/reviewed/a');
      stage.decider.respond((_request, response) => response.writeHead(204).end());
      await reaches(stage, '/checked/a');
    },
  },
  {
    number: 49,
    title:
      'a header that forward auth judged reaches the app as another: twice, in another spelling, not at all',
    async run(stage) {
      stage.decider.respond((asked, response) =>
        response.writeHead(asked.headers['x-tenant'] === 'good' ? 204 : 403).end(),
      );
      await stage.denied(ask('/checked/a', 'X-Tenant: evil'), 403);
      await stage.denied(ask('/checked/a', 'X-Tenant: good', 'X-Tenant: evil'), 400);
      await stage.denied(ask('/checked/a', 'X-Tenant: good', 'Connection: close, X-Tenant'), 400);
      stage.app.forget();
      const sent = ask('/checked/a', 'x_tenant: evil', 'X-Tenant: good', 'X.Tenant: evil');
      const heard = await stage.send(sent);
      const [seen] = stage.app.requests;
      const tenants = seen?.rawHeaders.filter((name) => /^x.tenant$/i.test(name));
      if (heard.answers[0]?.status !== 200 || String(tenants) !== 'X-Tenant') {
        throw new Error(`${tenants}: ${heard.raw}`);
      }
    },
  },
];
