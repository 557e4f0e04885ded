import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { SshAddress } from '../../model/engineAddress.ts';
import { tailOf } from '../tailOf.ts';
import { SshError } from './engineFaults.ts';

type Ssh = ChildProcessByStdio<Writable, Readable, Readable>;

/** Until the engine has answered through a new connection, in milliseconds. */
const connectMs = 15_000;
const mostHeadCharacters = 16 * 1024;

/** Variables of the server that ssh may see: its agent, and what programs of a user's ssh config need. */
const passedOn = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'SSH_AUTH_SOCK', 'KRB5CCNAME'];

/**
 * Connects to the engine behind `docker system dial-stdio` on another machine, through the system's ssh: who we are,
 * and which host keys are known, its config says. The engine has answered a first short request when this resolves;
 * ssh ends with the stream. Rejects with an SshError, or with the signal's reason.
 */
export async function connectBySsh(address: SshAddress, signal: AbortSignal | undefined): Promise<SshStream> {
  signal?.throwIfAborted();
  const ssh = spawn('ssh', sshArguments(address), { env: environment(), detached: true, stdio: 'pipe' });
  const stderr = tailOf(ssh.stderr);
  const end = endOf(ssh);
  const deadline = AbortSignal.timeout(connectMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    await Promise.race([greet(ssh, either), end.then((how) => refuse(how, stderr()))]);
  } catch (error) {
    stop(ssh);
    signal?.throwIfAborted();
    throw deadline.aborted
      ? new SshError(withLast(`no answer within ${connectMs / 1000} s`, stderr()))
      : error;
  }
  return new SshStream(ssh, end, stderr);
}

/** Nothing is asked, forwarded or shown; what a host is called is never taken for an option. */
function sshArguments({ host, user, port }: SshAddress): string[] {
  const options = [
    'BatchMode=yes',
    'ConnectTimeout=10',
    'ServerAliveInterval=30',
    'ServerAliveCountMax=3',
    'ClearAllForwardings=yes',
  ];
  return [
    ...options.flatMap((option) => ['-o', option]),
    '-a',
    '-x',
    '-T',
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
    'docker',
    'system',
    'dial-stdio',
  ];
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

interface End {
  code: number | null;
  /** Why it could not be started. */
  error?: Error;
}

/** When ssh and its output have ended. Others may hold its standard error open for long: it is not waited for. */
async function endOf(ssh: Ssh): Promise<End> {
  const exited = new Promise<End>((resolve) => {
    ssh.once('exit', (code) => resolve({ code }));
    ssh.once('error', (error) => resolve({ code: null, error }));
  });
  const drained = new Promise<void>((resolve) => void ssh.stdout.once('close', resolve));
  // The end of the process says it.
  for (const stream of [ssh.stdin, ssh.stdout, ssh.stderr]) stream.on('error', () => undefined);
  const end = await exited;
  if (!end.error) await drained;
  return end;
}

/** A connection that begins well answers this; a build's first own answer may take as long as its context. */
async function greet(ssh: Ssh, signal: AbortSignal): Promise<void> {
  ssh.stdin.write('HEAD /_ping HTTP/1.1\r\nHost: docker\r\n\r\n');
  for (let head = ''; !head.includes('\r\n\r\n');) {
    const chunk = ssh.stdout.read() as Buffer | null;
    if (!chunk) {
      await once(ssh.stdout, 'readable', { signal });
      continue;
    }
    head += chunk.toString('latin1');
    if (!'HTTP/1.'.startsWith(head.slice(0, 7)) || head.length > mostHeadCharacters)
      throw new SshError(`the other side does not speak HTTP: ${head.split('\n', 1)[0]?.slice(0, 300)}`);
  }
}

function refuse({ code, error }: End, stderr: string): never {
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new SshError('there is no program ssh in PATH; install the OpenSSH client');
  throw new SshError(error?.message ?? (lastLine(stderr) || ended(code)));
}

function ended(code: number | null): string {
  return code === null ? 'ssh was killed' : `ssh ended with exit code ${code}`;
}

/** What ssh passes on. Where ssh fails, the stream breaks as a connection does. */
export class SshStream extends Duplex {
  readonly #ssh: Ssh;
  #resting: NodeJS.Timeout | undefined;

  constructor(ssh: Ssh, end: Promise<End>, stderr: () => string) {
    // As a socket: with the last that the engine says it is over.
    super({ allowHalfOpen: false });
    this.#ssh = ssh;
    ssh.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) ssh.stdout.pause();
    });
    void end.then(({ code }) => {
      if (code === 0) this.push(null);
      else this.destroy(broken(withLast(ended(code), stderr())));
    });
  }

  /** Nobody needs it now: it keeps no process from its end, and ends in a while. False where it is of no use any more. */
  rest(ms: number): boolean {
    if (!this.writable || !this.readable) return false;
    this.#resting = setTimeout(() => this.destroy(), ms).unref();
    for (const handle of this.#handles()) handle.unref();
    return true;
  }

  /** Somebody needs it again: what an agent calls. */
  ref(): void {
    clearTimeout(this.#resting);
    for (const handle of this.#handles()) handle.ref();
  }

  #handles(): (Ssh | Socket)[] {
    const { stdin, stdout, stderr } = this.#ssh;
    return [this.#ssh, ...[stdin, stdout, stderr].filter((stream) => stream instanceof Socket)];
  }

  override _read(): void {
    this.#ssh.stdout.resume();
  }

  // Why ssh takes no more, its end says.
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#ssh.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    // The end of a stream that is gone already is never told.
    this.#ssh.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#resting);
    stop(this.#ssh);
    done(error);
  }
}

function stop(ssh: Ssh): void {
  ssh.kill();
  for (const stream of [ssh.stdin, ssh.stdout, ssh.stderr]) stream.destroy();
}

function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}

function withLast(sentence: string, stderr: string): string {
  const line = lastLine(stderr);
  return line === '' ? sentence : `${sentence}: ${line}`;
}

function lastLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.replaceAll(/[\p{C}\s]+/gu, ' ').trim());
  return (lines.findLast((line) => line !== '') ?? '').slice(0, 300);
}
