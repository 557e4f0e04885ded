import type { GitServer } from '../../test/fixtures/gitServer.ts';
import { createRepository, git, type Repository } from '../../test/fixtures/repository.ts';
import { sourceFiles, sourceText } from './project.ts';

export interface OldRepositoryOptions {
  files: number;
  commits: number;
}

const dockerfile = 'FROM busybox\nCOPY . /app\n';
const fileBytes = 4000;

/** A repository with a history, packed as a server that is well kept has it: each commit changes one of its files. */
export async function createOldRepository(
  server: GitServer,
  name: string,
  { files, commits }: OldRepositoryOptions,
): Promise<Repository> {
  const repository = await createRepository(server, name, {
    Dockerfile: dockerfile,
    ...sourceFiles(files, fileBytes),
  });
  await git(repository.folder, ['fast-import', '--quiet'], history(commits - 1));
  await git(repository.folder, ['gc', '--quiet']);
  return repository;
}

/** The later commits in the language of `git fast-import`. */
function history(commits: number): Buffer {
  const parts = Array.from({ length: commits }, (_, index) => {
    const path = `src/module-${index % 50}-${Math.floor(index / 50) % 100}.txt`;
    const from = index === 0 ? 'from refs/heads/main^0\n' : '';
    const text = sourceText(index + 100_000, fileBytes);
    return `commit refs/heads/main
committer Test <test@example.com> ${1_700_000_100 + index} +0000
data <<END
Change ${index}
END
${from}M 100644 inline ${path}
data ${text.length}
${text}
`;
  });
  return Buffer.from(parts.join(''));
}
