// @logdna/tail-file piped through, from the beginning of the file.
import TailFile from '@logdna/tail-file';

const tail = new TailFile(process.argv[2], { startPos: 0 });
tail.on('tail_error', (error) => console.error(error));
tail.pipe(process.stdout);
await tail.start();
