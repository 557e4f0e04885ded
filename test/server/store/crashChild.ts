import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../server/store/open.ts';
import { addRun } from './temporaryStore.ts';

/** Inserts runs until it is killed, and prints the id of each one that is said to be durable. */
const [folder = ''] = process.argv.slice(2);
const store = await openSqliteStore(folder);
writeSync(1, 'open\n');

async function insertForever(): Promise<never> {
  for (;;) {
    const run = await store.write((tx) => addRun(tx));
    writeSync(1, `${run.id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, insertForever));
