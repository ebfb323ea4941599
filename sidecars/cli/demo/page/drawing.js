// The pod as an SVG: boxes and arrows at fixed places, one arrangement for wide windows and one for
// narrow ones.

/** [x, y, width, height] of each box. */
const boxes = {
  callers: { title: 'callers', wide: [10, 55, 150, 96], narrow: [120, 6, 160, 62] },
  ambassador: {
    title: 'ambassador',
    tone: 'in',
    wide: [300, 55, 150, 96],
    narrow: [120, 152, 160, 62],
  },
  app: { title: 'app', wide: [580, 55, 150, 96], narrow: [120, 292, 160, 62] },
  adapter: {
    title: 'adapter',
    tone: 'metrics',
    wide: [850, 55, 150, 96],
    narrow: [232, 432, 144, 62],
  },
  prometheus: { title: 'Prometheus', wide: [1150, 55, 150, 96], narrow: [232, 676, 144, 62] },
  volume: { title: 'log volume', wide: [580, 265, 150, 80], narrow: [24, 432, 144, 62] },
  logTail: {
    title: 'log-tail',
    tone: 'logs',
    wide: [300, 265, 150, 80],
    narrow: [24, 558, 144, 62],
  },
  output: { title: 'std. output', wide: [10, 265, 150, 80], narrow: [24, 676, 144, 62] },
};

/** Each runs between two points; its figure stands at `at`, left of a narrow one when `before`. */
const arrows = {
  asked: {
    tone: 'asks',
    unit: 'requests/s',
    wide: { from: [160, 85], to: [300, 85], at: [212, 57] },
    narrow: { from: [180, 68], to: [180, 152], at: [172, 92], before: true },
  },
  refused: {
    tone: 'away',
    unit: 'turned away/s',
    wide: { from: [300, 125], to: [160, 125], at: [212, 150] },
    narrow: { from: [220, 152], to: [220, 68], at: [230, 92] },
  },
  letIn: {
    tone: 'in',
    unit: 'let in/s',
    wide: { from: [450, 103], to: [580, 103], at: [515, 75] },
    narrow: { from: [200, 214], to: [200, 292], at: [210, 250] },
  },
  written: {
    tone: 'logs',
    unit: 'lines/s',
    wide: { from: [655, 151], to: [655, 265], at: [705, 208] },
    narrow: { from: [148, 354], to: [112, 432], at: [116, 386], before: true },
  },
  read: {
    tone: 'logs',
    unit: 'lines/s',
    wide: { from: [580, 305], to: [450, 305], at: [515, 277] },
    narrow: { from: [96, 494], to: [96, 558], at: [106, 522] },
  },
  passedOn: {
    tone: 'logs',
    unit: 'lines/s',
    wide: { from: [300, 305], to: [160, 305], at: [212, 277] },
    narrow: { from: [96, 620], to: [96, 676], at: [106, 658] },
  },
  stats: {
    tone: 'metrics',
    unit: 'stats read/s',
    wide: { from: [730, 103], to: [850, 103], at: [790, 75] },
    narrow: { from: [252, 354], to: [288, 432], at: [284, 386] },
  },
  scraped: {
    tone: 'metrics',
    unit: 'series',
    wide: { from: [1000, 103], to: [1150, 103], at: [1090, 75] },
    narrow: { from: [304, 494], to: [304, 676], at: [314, 574] },
  },
};

const sizes = {
  wide: { view: [1310, 375], frame: [265, 14, 770, 350] },
  narrow: { view: [400, 746], frame: [8, 124, 384, 518] },
};

const svg = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const text = (className, x, y, content = '') => svg('text', { class: className, x, y }, content);

/** Draws into `parent`. Returns `{ says(box, text), flows(arrow, figure, perSecond) }`. */
export function createDrawing(parent) {
  const narrow = matchMedia('(max-width: 760px)');
  const said = new Map();
  const flowing = new Map();
  const places = new Map();
  const apply = () => {
    for (const [box, words] of said) places.get(box).textContent = words;
    for (const [arrow, { figure, perSecond }] of flowing) {
      const { number, flow } = places.get(arrow);
      number.textContent = figure;
      flow.style.setProperty('--moving', perSecond > 0 ? 'running' : 'paused');
      // One dash further per second for each four a second, within what an eye can follow.
      for (const animation of flow.getAnimations()) {
        animation.playbackRate = Math.min(6, 0.4 + perSecond / 8);
      }
    }
  };
  const draw = () => {
    places.clear();
    parent.replaceChildren(drawAll(narrow.matches ? 'narrow' : 'wide', places));
    apply();
  };
  narrow.addEventListener('change', draw);
  draw();
  return {
    says: (box, words) => said.set(box, words),
    flows: (arrow, figure, perSecond) => flowing.set(arrow, { figure, perSecond }),
    apply,
  };
}

function drawAll(shape, places) {
  const { view, frame } = sizes[shape];
  const [x, y, width, height] = frame;
  const drawing = svg('svg', { viewBox: `0 0 ${view.join(' ')}`, class: shape, role: 'img' });
  drawing.append(
    svg(
      'title',
      {},
      'Callers ask the ambassador, which lets some in to the app; log-tail follows its log, the adapter turns its stats into metrics for Prometheus.',
    ),
  );
  drawing.append(svg('rect', { class: 'frame', x, y, width, height, rx: 16 }));
  drawing.append(text('frame-name', x + 14, y + 22, 'pod'));
  for (const [name, arrow] of Object.entries(arrows)) {
    places.set(name, drawArrow(drawing, arrow, arrow[shape]));
  }
  for (const [name, box] of Object.entries(boxes)) {
    places.set(name, drawBox(drawing, box, box[shape]));
  }
  return drawing;
}

function drawBox(drawing, { title, tone }, [x, y, width, height]) {
  const middle = x + width / 2;
  const says = text('says', middle, y + height / 2 + 17);
  drawing.append(
    svg(
      'g',
      { class: tone ? `node mate ${tone}` : 'node' },
      svg('rect', { x, y, width, height, rx: 10 }),
      text('title', middle, y + height / 2 - 4, title),
      says,
    ),
  );
  return says;
}

function drawArrow(drawing, { tone, unit }, { from, to, at, before }) {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const end = [to[0] - 12 * Math.cos(angle), to[1] - 12 * Math.sin(angle)];
  const path = `M${from.join(' ')}L${end.join(' ')}`;
  const flow = svg('path', { class: 'flow', d: path });
  const number = text('number', at[0], at[1]);
  drawing.append(
    svg(
      'g',
      { class: tone },
      svg('path', { class: 'rail', d: path }),
      flow,
      svg('path', {
        class: 'arrow-head',
        d: 'M0 0L-12 -6L-12 6Z',
        transform: `translate(${to.join(' ')}) rotate(${(angle * 180) / Math.PI})`,
      }),
      svg(
        'g',
        { class: before ? 'figure before' : 'figure' },
        number,
        text('unit', at[0], at[1] + 16, unit),
      ),
    ),
  );
  return { number, flow };
}
