// Makes the picture of the README again: node test/apps/walkthrough/take-picture.ts
import { join } from 'node:path';
import { installPackages } from '../install.ts';
import { takePicture } from './browser.ts';
import { awaitSamples, graphUrl } from './graph.ts';
import { projectRoot, walk } from './walk.ts';

installPackages('prometheus', 'chromium');
const { prometheus, stop } = await walk();
try {
  await awaitSamples(prometheus, 'jobs_done_total', 60);
  const file = join(projectRoot, 'examples/adapter-json/graph.png');
  await takePicture(graphUrl(prometheus, 'jobs_done_total', 60), file);
  process.stdout.write(`${file}\n`);
} finally {
  await stop();
}
