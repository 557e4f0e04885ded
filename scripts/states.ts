import { statesTable } from '../test/project/statesTable.ts';

// The table of docs/states.md.
process.stdout.write(`${statesTable().join('\n')}\n`);
