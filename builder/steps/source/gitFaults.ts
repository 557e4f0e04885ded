import { stripVTControlCharacters } from 'node:util';
import { BuildFault, type Reason } from '../../model/faults.ts';
import { GitFailure } from './git.ts';

interface Pattern {
  reason: Reason;
  text: RegExp;
  sentence: string;
}

/** The exit code of a git that the system killed, as the shell gives it. */
const killedCode = 137;
const killed = 'git was killed on the build server; perhaps it has too little memory.';
const diskFull = 'The disk of the data folder is full. Free space, then ask again.';

/** What git writes (in the C locale) and what it means; the first that fits counts. */
const patterns: readonly Pattern[] = [
  {
    reason: 'disk_full',
    text: /no space left on device|disk quota exceeded/i,
    sentence: diskFull,
  },
  {
    reason: 'source_refused',
    text: /transport '.*' not allowed|protocol '.*' is not supported/i,
    sentence: 'The repository wants a transport that is not allowed here.',
  },
  {
    reason: 'source_auth',
    text: /could not read (username|password)|authentication failed|access denied|permission denied \(|host key verification failed|returned error: 40[13]/i,
    sentence: 'The git server refused the credential, or wants one.',
  },
  {
    reason: 'source_not_found',
    text: /repository '.*' not found|repository not found|does not appear to be a git repository|returned error: (404|410)|not valid: is this a git repository/i,
    sentence: 'The git server has no such repository, or does not show it to this credential.',
  },
  {
    reason: 'ref_not_found',
    text: /couldn't find remote ref|not our ref|unadvertised object|no such remote ref/i,
    sentence: 'The repository has no such branch, tag or commit.',
  },
  {
    reason: 'source_unreachable',
    text: /unable to access|could not resolve host|connection (refused|reset|timed out|closed)|failed to connect|operation too slow|early eof|rpc failed|hung up unexpectedly|unexpected disconnect|could not read from remote|timed out/i,
    sentence: 'The git server could not be reached or stopped sending.',
  },
  {
    reason: 'source_invalid',
    text: /fsck error|error in object|error: object [0-9a-f]{40}: /i,
    sentence: 'The repository holds objects that git does not accept.',
  },
  {
    reason: 'internal',
    text: /(setsid|git|sh): (command )?not found|spawn .* ENOENT/,
    sentence: 'The build server cannot run git. Install git and util-linux.',
  },
  {
    reason: 'internal',
    text: /died of signal|out of memory|cannot allocate memory/i,
    sentence: killed,
  },
];

/** Whether git wrote nothing that we know: then the mirror itself may be damaged. */
export function isDamage(error: unknown): error is GitFailure {
  return error instanceof GitFailure && matching(error) === undefined;
}

/** Whether the git server said that it has no such ref or commit. */
export function isRefMissing(error: unknown): boolean {
  return error instanceof GitFailure && matching(error)?.reason === 'ref_not_found';
}

/** Whether the git server sent us elsewhere, which git was told not to follow. */
export function isRedirect(error: unknown): boolean {
  return error instanceof GitFailure && /returned error: 30[12378]/.test(error.stderr);
}

/** A failure of git as a fault of the build; any other error as it is. */
export function toFault(error: unknown): Error {
  if (isDiskFull(error)) return new BuildFault('disk_full', diskFull, { phase: 'clone', cause: error });
  if (!(error instanceof GitFailure)) return error instanceof Error ? error : new Error(String(error));
  const { exitCode } = error;
  const known = matching(error);
  if (known) {
    return new BuildFault(known.reason, known.sentence, { phase: 'clone', exitCode, cause: error });
  }
  const said = ownLines(error).at(-1) ?? 'nothing';
  return new BuildFault('source_invalid', `git could not read the repository: ${said}`, {
    exitCode,
    cause: error,
  });
}

/** What git wrote, fit for a log: no progress, no control characters, bounded. */
export function errorLines(failure: GitFailure): string[] {
  return failure.stderr
    .split(/[\r\n]+/)
    .filter((line) => !/\d+% \(\d+\/\d+\)/.test(line))
    .map(printable)
    .filter((line) => line !== '')
    .slice(-20);
}

/** A text from a repository or a git server as one harmless line. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 500);
}

function matching(failure: GitFailure): Pattern | undefined {
  const text = ownLines(failure).join('\n');
  const known = patterns.find((pattern) => pattern.text.test(text));
  return (
    known ??
    (failure.exitCode === killedCode ? { reason: 'internal', text: /^/, sentence: killed } : undefined)
  );
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** Without what the git server says through git: it must not choose our reason. */
function ownLines(failure: GitFailure): string[] {
  return errorLines(failure).filter((line) => !line.startsWith('remote:'));
}
