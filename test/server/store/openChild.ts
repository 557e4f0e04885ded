import { writeSync } from 'node:fs';
import { migrations } from '../../../server/store/migrations/list.ts';
import { openSqliteStore } from '../../../server/store/open.ts';
import { openPostgresStore } from '../../../server/store/postgres.ts';
import { isPostgresUrl } from '../../../server/words/postgresUrl.ts';

/** Opens a store, with the steps of the program and those that it is given as JSON, and prints its id. */
const [place = '', more = '[]'] = process.argv.slice(2);
const steps = [...migrations, ...(JSON.parse(more) as typeof migrations)];
writeSync(1, 'begun\n');
const store = isPostgresUrl(place)
  ? await openPostgresStore(place, { steps })
  : await openSqliteStore(place, { steps });
writeSync(1, `${store.id}\n`);
await store.close();
