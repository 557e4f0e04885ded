import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

/** Where a program is; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ];
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

/** Installs the Debian packages that are missing; fails with a sentence that says what to do where it cannot. */
export async function installPackages(...names: string[]): Promise<void> {
  await promisify(execFile)(path.join(import.meta.dirname, '../packages.sh'), names).catch(
    (error: unknown) => {
      throw new Error(String((error as { stderr?: string }).stderr ?? error).trim(), { cause: error });
    },
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
