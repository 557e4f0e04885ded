import { BuildFault } from '../../model/faults.ts';
import { isSameServer, parseSourceUrl, type SourceAddress } from '../../model/sourceUrl.ts';
import { type Git, GitFailure, type GitScope } from './git.ts';

const traceHeaders = { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' };
const location = /<= Recv header: location: (\S+)/gi;
const advertisement = /\/info\/refs\?service=git-upload-pack$/;

/**
 * Where a renamed repository went. git itself would take the credential along to any host; here only the same
 * server is followed.
 * @throws BuildFault `source_refused` where it is another server.
 */
export async function redirectedUrl(git: Git, scope: GitScope, address: SourceAddress): Promise<string> {
  const target = await askLocation(git, scope, address);
  if (target === undefined) throw elsewhere();
  const moved = parseSourceUrl(target);
  if (!isSameServer(moved, address)) throw elsewhere();
  return moved.url;
}

async function askLocation(
  git: Git,
  scope: GitScope,
  { url, origin }: SourceAddress,
): Promise<string | undefined> {
  const trace = await git
    .run({ ...scope, environment: traceHeaders }, (repository) =>
      repository.raw('ls-remote', '--', url, 'HEAD'),
    )
    .catch((error: unknown) => {
      if (error instanceof GitFailure) return error.stderr;
      throw error;
    });
  const target = [...trace.matchAll(location)].at(-1)?.[1];
  if (target === undefined || !advertisement.test(target)) return undefined;
  return new URL(target, origin).href.replace(advertisement, '');
}

function elsewhere(): BuildFault {
  return new BuildFault(
    'source_refused',
    'The git server sends us to another address, which is not followed. Ask with that address itself.',
  );
}
