/** Follow, and pass on as it is. */
export const plainConfig = (path: string) => `logTail:
  admin: false
  inputs: { app: { paths: ["${path}"] } }
`;

/** Keep warnings and worse, with two fields more. */
export const filterConfig = (path: string) => `logTail:
  admin: false
  inputs: { app: { paths: ["${path}"], format: json } }
  steps:
    - keep: level >= 40
    - add: { pod: orders-1, namespace: shop }
`;

/** Count lines by method, the first part of the path, and the class of the status. */
export const metricsConfig = (path: string, port: number) => `logTail:
  admin: { listen: "127.0.0.1:${port}" }
  inputs:
    app:
      paths: ["${path}"]
      format: { regex: '"(?P<method>[A-Z]+) (?P<path>/[a-z]*)[^ ]* HTTP[^"]*" (?P<class>\\d)\\d\\d ' }
  metrics:
    access_requests_total: { type: counter, labels: [method, path, class] }
  outputs: {}
`;

/** Push every line to Loki. */
export const lokiConfig = (path: string, port: number) => `logTail:
  admin: false
  inputs: { app: { paths: ["${path}"] } }
  outputs:
    loki: { url: "http://127.0.0.1:${port}/loki/api/v1/push" }
`;
