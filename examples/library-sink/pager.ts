import { defineSink, SendError } from 'podmates/log-tail';

/** Pages somebody once for each batch of errors. Batching, queueing and retrying is done around it. */
export default defineSink({
  name: 'pager',
  open({ url }: { readonly url: string }) {
    return {
      async write(records, signal) {
        const [first] = records;
        const body = JSON.stringify({
          title: String(first?.fields?.['message'] ?? first?.text),
          errors: records.length,
          file: first?.file.path,
        });
        const headers = { 'content-type': 'application/json' };
        const { status } = await fetch(url, { method: 'POST', headers, body, signal });
        // What the pager will never take must not be tried for ever; anything else may pass.
        if (status === 400) {
          throw new SendError('the pager refused the page', { reason: 'status', retryable: false });
        }
        if (status >= 300) throw new Error(`the pager answered ${status}`);
      },
    };
  },
});
