import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const root = new URL('../../', import.meta.url);
const run = promisify(execFile);

/** The compiler's own words become the failure's. */
async function check(project: string): Promise<void> {
  await run('tsc', ['--noEmit', '--pretty', 'false', '-p', project], { cwd: root }).catch(
    (error: unknown) => {
      throw new Error((error as { stdout?: string }).stdout ?? String(error), { cause: error });
    },
  );
}

describe('types', () => {
  it('are right in the server, the builder and the tests', () => check('.'));
  it('are right in the page', () => check('public'));
});
