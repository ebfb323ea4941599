// npm tail, used as its README shows: every line is written as it comes.
import { Tail } from 'tail';

const tail = new Tail(process.argv[2], { fromBeginning: true });
tail.on('line', (line) => process.stdout.write(`${line}\n`));
tail.on('error', (error) => console.error(error));
