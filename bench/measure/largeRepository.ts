import { randomBytes } from 'node:crypto';
import type { GitServer } from '../../test/fixtures/gitServer.ts';
import { createRepository, type Files, type Repository } from '../../test/fixtures/repository.ts';

const folders = 100;
const filesInFolder = 100;
const fileBytes = 20_000;

/** How large it is, for the row's details. */
export const largeSize = { files: folders * filesInFolder, mb: (folders * filesInFolder * fileBytes) / 1e6 };

export interface LargeRepository extends Repository {
  /** Gives one of its files other content. */
  changeOneFile(): Promise<string>;
}

/** Ten thousand files of 20 kB each and a Dockerfile that copies all of them. What is in them nobody can compress. */
export async function createLargeRepository(server: GitServer, name: string): Promise<LargeRepository> {
  const paths = Array.from({ length: folders * filesInFolder }, (_, i) => `src/${i % folders}/file-${i}.bin`);
  const files: Files = Object.fromEntries(paths.map((path) => [path, randomFile()]));
  const repository = await createRepository(server, name, {
    Dockerfile: 'FROM busybox\nCOPY . /app\n',
    ...files,
  });
  let changes = 0;
  const changeOneFile = () => {
    const path = paths[(changes++ * 997) % paths.length] ?? '';
    return repository.update({ [path]: randomFile() });
  };
  return { ...repository, changeOneFile };
}

function randomFile(): { text: Buffer } {
  return { text: randomBytes(fileBytes) };
}
