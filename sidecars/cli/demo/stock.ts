/** The shop's shelves and books: what its stats document is made of. */
export interface Stock {
  order(): Order;
  /** Packs one waiting order and now and then fills a shelf; undefined when nothing waits. */
  pack(): Order | undefined;
  restock(): string | undefined;
  stats(): Stats;
}

export interface Order {
  readonly number: number;
  readonly shelf: string;
  readonly items: number;
}

/** What `GET /stats` answers: the shape of document that the adapter's mapping is written for. */
export type Stats = ReturnType<typeof createStats>;

const names = ['tea', 'coffee', 'cocoa', 'honey'] as const;
const full = 400;

export function createStock(): Stock {
  const started = new Date();
  const shelves = new Map(names.map((name) => [name as string, { items: full, sold: 0 }]));
  const waiting: Order[] = [];
  let taken = 0;
  return {
    order() {
      taken++;
      const shelf = names[Math.floor(Math.random() ** 2 * names.length)] ?? 'tea';
      const items = 1 + Math.floor(Math.random() * 3);
      const order = { number: taken, shelf, items };
      waiting.push(order);
      return order;
    },
    pack() {
      const order = waiting.shift();
      const shelf = order && shelves.get(order.shelf);
      if (order === undefined || shelf === undefined) return undefined;
      shelf.items -= order.items;
      shelf.sold += order.items;
      return order;
    },
    restock() {
      const [name, shelf] = [...shelves].find(([, { items }]) => items < full / 2) ?? [];
      if (shelf !== undefined) shelf.items = full;
      return name;
    },
    stats: () => createStats(started, taken, waiting.length, shelves),
  };
}

function createStats(
  started: Date,
  taken: number,
  waiting: number,
  shelves: ReadonlyMap<string, { readonly items: number; readonly sold: number }>,
) {
  return {
    service: 'shop',
    version: '2.4.1',
    status: 'UP',
    started: started.toISOString(),
    orders: { taken, waiting },
    memory: { mb: Math.round(process.memoryUsage.rss() / 104_857.6) / 10 },
    shelves: Object.fromEntries([...shelves].map(([name, shelf]) => [name, { ...shelf }])),
  };
}
