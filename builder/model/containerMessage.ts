import type { ContainerMessage, ContainerSpec } from './container.ts';
import { BuildFault } from './faults.ts';

/** The kernel takes no longer text for one argument or variable, with its name, "=" and the NUL at its end. */
const longestString = 131_072;
/** Of all arguments and variables together, where the stack has its usual limit of 8 MiB. */
const longestArguments = 2_097_152;
/** A pointer for each of them. */
const pointerBytes = 8;

/** Where the file of a message is in its container: in a volume, so that nothing else needs to be writable. */
export const messageFolder = '/run/docker-builder';
export const messageFile = 'message';

/** How the message gets there in the end. `env` becomes `file` where no variable can hold it. */
export function wayOf({ name, text, way }: ContainerMessage): ContainerMessage['way'] {
  if (way !== 'env') return way;
  return entryBytes(`${name}=${text}`) <= longestString && !text.includes('\0') ? 'env' : 'file';
}

/** `NAME=value` each: the job's own, and what tells of the message. By stdin there is no variable. */
export function environmentOf(
  env: Readonly<Record<string, string>>,
  message: ContainerMessage | undefined,
): string[] {
  return Object.entries({ ...env, ...messageVariable(message) }).map(([name, value]) => `${name}=${value}`);
}

function messageVariable(message: ContainerMessage | undefined): Record<string, string> {
  const way = message && wayOf(message);
  if (message && way === 'env') return { [message.name]: message.text };
  if (message && way === 'file') return { [`${message.name}_FILE`]: `${messageFolder}/${messageFile}` };
  return {};
}

/** Throws a BuildFault `container_invalid` where the kernel would not start a command with these. */
export function checkArguments(
  { entrypoint = [], command = [] }: Pick<ContainerSpec, 'entrypoint' | 'command'>,
  environment: readonly string[],
): void {
  const args = [...entrypoint, ...command];
  const long = environment.find((entry) => entryBytes(entry) > longestString);
  if (long !== undefined) throw invalid(`the variable ${long.split('=', 1).join()} is longer than 128 KiB`);
  if (args.some((entry) => entryBytes(entry) > longestString))
    throw invalid('an argument of the command is longer than 128 KiB');
  const all = [...args, ...environment];
  const bytes = all.reduce((sum, entry) => sum + entryBytes(entry) + pointerBytes, 0);
  if (bytes > longestArguments)
    throw invalid(
      `its command and variables have ${bytes} bytes together, and Linux takes 2 MiB: send the message as a file`,
    );
}

/** With the NUL at its end. */
function entryBytes(entry: string): number {
  return Buffer.byteLength(entry) + 1;
}

function invalid(why: string): BuildFault {
  return new BuildFault('container_invalid', `the container cannot be started: ${why}`);
}
