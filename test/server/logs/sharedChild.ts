import { writeSync } from 'node:fs';
import { openSharedLogs } from '../../../server/room/logs/shared/logs.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { sharedOf } from './sharedFixture.ts';

/** Writes a log until it is killed, and prints the number of each line that is said to be stored. */
const [url = '', runId = ''] = process.argv.slice(2);
const logs = openSharedLogs({ ...sharedOf(await openPostgresStore(url)), chunkBytes: 2000, delayMs: 1 });
const writer = await logs.write(runId);

for (let line = writer.lastLine + 1; ;) {
  for (const end = line + 1 + Math.floor(Math.random() * 50); line < end; line++)
    writer.append('stdout', `line ${line}\n`);
  await writer.flush();
  writeSync(1, `${writer.lastLine}\n`);
}
