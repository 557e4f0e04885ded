import { z } from 'zod';
import { parseImageReference } from '../../../../builder/model/imageReference.ts';
import { secretNameIn } from '../../../../builder/model/secretName.ts';
import { isPlain } from '../project.ts';
import { nameText } from './jobFields.ts';

/** The kernel takes no longer argument, and no longer variable with its name. */
const longestArgument = 128 * 1024 - 1;
const mostArguments = 1000;
const mostVariables = 500;
const mostTmpfs = 50;
const longestPath = 4096;
const longestUserPart = 64;
const mostUserId = 2 ** 31 - 1;

const variableName = /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/;
const ownVariable = /^BARBEQUE_/;
const userShape = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(?::[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$/;
const networkName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const imageId = /^sha256:[0-9a-f]{64}$/;
/** The engine takes the id of a network for its name, also that of the host's. */
const networkId = /^[0-9a-f]{64}$/;

/** An id that is cut off would be a name with a tag, which is not what was meant. */
function isImageName(text: string): boolean {
  return !text.startsWith('sha256:') && parseImageReference(text) !== undefined;
}

const imageSentence =
  'container.image must be the name of an image, such as busybox:1.36 or quay.io/acme/app@sha256:…, or {"job": slug} of an image job';
const builtBy = z.strictObject({ job: nameText('container.image.job', 128) });
export const containerImage = z.union(
  [
    z
      .string()
      .refine((name) => name === '' || imageId.test(name) || isImageName(name), imageSentence)
      .meta({ description: 'A name with a tag or a digest, or sha256:<id> of an image on the engine.' }),
    builtBy.meta({ description: 'What the newest run of this image job of the project built.' }),
  ],
  { error: imageSentence },
);

/** Words of a command. A line is refused: nobody would know whether a shell is meant. */
export function commandWords(field: string) {
  const word = z
    .string()
    .refine((text) => !text.includes('\0') && text.isWellFormed(), `${field} must not contain NUL`)
    .refine(
      (text) => Buffer.byteLength(text) <= longestArgument,
      `${field}: an item is longer than ${longestArgument} bytes`,
    );
  return z
    .array(word, {
      error: ({ code }) =>
        code !== 'invalid_type'
          ? undefined
          : `${field} must be a list of strings, such as ["echo", "hello"]; a line for the shell is ["sh", "-c", "echo hello"]`,
    })
    .max(mostArguments);
}

export const containerEnv = z.record(z.string(), z.string()).superRefine((given, context) => {
  for (const message of envProblems(given)) context.addIssue({ code: 'custom', message });
});

/** Values may be secrets that were written in the wrong way, so no sentence shows one. */
function* envProblems(given: Record<string, string>): Generator<string> {
  const entries = Object.entries(given);
  if (entries.length > mostVariables) yield `too many container.env (max ${mostVariables})`;
  if (!entries.every(([name]) => variableName.test(name)))
    yield 'container.env: names are made of letters, digits, "_", "." and "-", and do not begin with a digit';
  if (entries.some(([name]) => ownVariable.test(name)))
    yield "container.env: names that begin with BARBEQUE_ are the server's own: they tell of the run";
  if (entries.some(([, value]) => value.includes('\0') || !value.isWellFormed()))
    yield 'container.env: values must not contain NUL';
  if (entries.some(([, value]) => value.startsWith('secret:') && secretNameIn(value) === undefined))
    yield 'container.env: a value that begins with "secret:" must go on with the name of a secret in settings.json';
  if (
    entries.some(([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value) + 1 > longestArgument)
  )
    yield `container.env: a name and its value have more than ${longestArgument} bytes`;
}

/** An absolute path in the container, or "" to take it back. */
export function containerPath(field: string) {
  return z
    .string()
    .max(longestPath)
    .refine((path) => path === '' || isAbsolute(path), `${field} must be an absolute path without ".."`);
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') && isPlain(path) && !path.split('/').includes('..');
}

export const result = z.union(
  [
    z.enum(['', 'last_line']),
    z.strictObject({
      file: z
        .string()
        .max(longestPath)
        .refine(
          (path) => isAbsolute(path) && !/(?:^|\/)\.?$/.test(path),
          'container.result.file must be the absolute path of a file, without ".."',
        ),
    }),
  ],
  {
    error: 'container.result must be "last_line" or {"file": path}',
  },
);

export const tmpfs = z
  .union([z.record(z.string(), z.int().min(0)), z.array(z.string())], {
    error:
      'container.tmpfs must be an object of paths with their sizes in bytes, such as {"/tmp": 67108864}, or a list of paths',
  })
  .superRefine((given, context) => {
    const paths = Array.isArray(given) ? given : Object.keys(given);
    const say = (message: string): void => context.addIssue({ code: 'custom', message });
    if (paths.length > mostTmpfs) say(`too many container.tmpfs (max ${mostTmpfs})`);
    if (!paths.every((path) => path.length <= longestPath && isAbsolute(path) && /[^/.]/.test(path)))
      say('container.tmpfs: each must be an absolute path below "/", without ".."');
  });

export const user = z
  .string()
  .refine(
    (text) => text === '' || isUser(text),
    'container.user must be a name or a number, with or without a group: "app", "1000" or "1000:1000"',
  );

function isUser(text: string): boolean {
  return (
    userShape.test(text) &&
    text
      .split(':')
      .every((part) => part.length <= longestUserPart && (!/^\d+$/.test(part) || Number(part) <= mostUserId))
  );
}

export const network = z.string().superRefine((name, context) => {
  const problem = networkProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `container.network ${problem}` });
});

function networkProblem(name: string): string | undefined {
  if (name === '') return undefined;
  if (name.toLowerCase() === 'host')
    return "must not be host: the container would reach all that the engine's own machine reaches, and what listens on its loopback";
  if (name.startsWith('container:'))
    return 'must not be that of another container: it would hear what that one says to itself. Put both on a network of the engine';
  return networkName.test(name) && !networkId.test(name)
    ? undefined
    : 'must be none, bridge or the name of a network of the engine';
}

/** What is written in place of a secret's name may be the secret itself, so no sentence shows it. */
function credential(name: 'username' | 'password') {
  return z
    .string()
    .refine(
      (text) => secretNameIn(text) !== undefined,
      `container.credentials.${name} must be "secret:<name>", the name of a secret in settings.json`,
    );
}

export const credentials = z
  .strictObject({ username: credential('username'), password: credential('password') })
  .partial()
  .refine(
    ({ username, password }) => (username === undefined) === (password === undefined),
    'container.credentials needs username and password',
  );
