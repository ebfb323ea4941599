/** A config of each container with nothing to do. */
export const restingConfigs: Readonly<Record<string, string>> = {
  'log-tail': `logTail: {admin: {listen: "127.0.0.1:0"}, inputs: {app: {paths: [/nowhere/*.log]}}}`,
  ambassador: `ambassador: {listen: "127.0.0.1:0", admin: {listen: "127.0.0.1:0"},
    upstream: "http://127.0.0.1:9", shutdown: {delay: 0s}, routes: [{path: /**, public: true}]}`,
  adapter: `adapter: {admin: {listen: "127.0.0.1:0"},
    sources: {app: {url: "http://127.0.0.1:9/", metrics: [{gauge: answer, value: answer}]}}}`,
};
