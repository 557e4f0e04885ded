import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartError } from './startError.ts';

/** Makes the data folder where it is missing, for this user only. Throws a StartError where it cannot be written. */
export function makeDataFolder(folder: string): string {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `the data folder ${path} cannot be used: ${why}. Set DOCKER_BUILDER_DATA to another`,
      {
        cause: error,
      },
    );
  }
}
