import { posix } from 'node:path';
import { secretNameIn } from '../../../../builder/model/secretName.ts';
import type { ContainerWish } from '../../../room/jobs/definition.ts';
import type { ContainerDefinition } from '../../../words/job.ts';
import type { ContainerBody } from '../schemas/container.ts';

/** Fields that are the same on both sides but for their names. */
const sameFields = [
  ['image', 'image'],
  ['command', 'command'],
  ['entrypoint', 'entrypoint'],
  ['env', 'env'],
  ['working_dir', 'workingDir'],
  ['user', 'user'],
  ['memory_bytes', 'memoryBytes'],
  ['cpus', 'cpus'],
  ['pids_limit', 'pidsLimit'],
  ['network', 'network'],
  ['read_only', 'readOnly'],
  ['pull', 'pull'],
  ['message', 'message'],
  ['stop_grace_secs', 'stopGraceSecs'],
  ['result', 'result'],
] as const satisfies readonly (readonly [keyof ContainerBody, keyof ContainerDefinition])[];

/** What a request wants of a container: paths in their normal form, credentials by their bare names. */
export function containerOf(body: ContainerBody): ContainerWish {
  const { tmpfs, credentials } = body;
  const same = sameFields.flatMap(([wire, field]) =>
    body[wire] === undefined ? [] : [[field, body[wire]] as const],
  );
  return {
    ...Object.fromEntries(same),
    ...(tmpfs && { tmpfs: sizesOf(tmpfs) }),
    ...(credentials && { credentials: secretsOf(credentials) }),
  };
}

/** The same as a job shows it. */
export function containerJson({ tmpfs, credentials, ...definition }: ContainerDefinition): object {
  const same = sameFields.map(([wire, field]): [string, unknown] => [wire, definition[field]]);
  const named = Object.entries(credentials ?? {}).map(([name, secret]) => [name, `secret:${secret}`]);
  return {
    ...Object.fromEntries(same),
    tmpfs,
    credentials: credentials && (Object.fromEntries(named) as object),
  };
}

/** None where both are absent; one alone is refused. */
function secretsOf({
  username,
  password,
}: NonNullable<ContainerBody['credentials']>): NonNullable<ContainerWish['credentials']> {
  if (username === undefined || password === undefined) return {};
  return { username: secretNameIn(username) ?? '', password: secretNameIn(password) ?? '' };
}

/** Paths of a list may hold as much as the engine allows. */
function sizesOf(tmpfs: NonNullable<ContainerBody['tmpfs']>): Record<string, number> {
  const sizes = Array.isArray(tmpfs) ? tmpfs.map((path) => [path, 0] as const) : Object.entries(tmpfs);
  return Object.fromEntries(
    sizes.map(([path, bytes]) => [posix.normalize(path).replace(/(?<=.)\/$/, ''), bytes]),
  );
}
