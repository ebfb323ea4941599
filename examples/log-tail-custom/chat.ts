import { defineSink, SendError } from 'podmates/log-tail';

interface Options {
  readonly url: string;
}

/** Posts warnings into a chat room, all that came in ten seconds as one message. */
export default defineSink<Options>({
  name: 'chat',
  open({ url }) {
    return {
      async write(records, signal) {
        const lines = records.map(({ text, time }) => `${new Date(time).toISOString()} ${text}`);
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: lines.join('\n') }),
          signal,
        });
        if (response.ok) return;
        throw new SendError(`the chat answered ${response.status}`, {
          reason: 'status',
          retryable: response.status !== 400,
        });
      },
    };
  },
});
