import { z } from 'zod';
import { isSafeAccount } from '../../builder/model/sourceUrl.ts';
import { reference } from './reference.ts';

/** Names of accounts, or `*` for all. */
const projects = z
  .array(
    z.string().refine((name) => name === '*' || isSafeAccount(name), 'must be the name of an account, or *'),
  )
  .min(1);

/** The name that `secret:<name>` in a Bobfile or a job refers to. */
export const secretName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/i, 'must be made of letters, digits, ".", "_" and "-"');

export const secret = z.strictObject({
  name: secretName,
  value: reference,
  /** The projects whose builds may ask for it. */
  projects,
});

/** Who we are for a registry, and who may use it. */
export const registry = z
  .strictObject({
    /** With the port, where it is not 443; `docker.io` is Docker Hub. */
    host: z
      .string()
      .regex(
        /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/i,
        'must be a host name, with a port if need be',
      )
      .toLowerCase(),
    /** Only for images whose names begin so, e.g. `acme` or `acme/app`; for all of the host without it. */
    path: z
      .string()
      .regex(
        /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/,
        'must be the beginning of an image name, without a slash at its end',
      )
      .optional(),
    username: z.string().min(1).optional(),
    password: reference.optional(),
    /** The projects that may name images so, and for which the credential is. */
    projects: projects.default(['*']),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    message: 'must have username and password, or neither',
  });

/** What builds of pull requests get, which anybody may have written; nothing where a repository is not listed. */
export const pullRequests = z.strictObject({
  account: z.string().min(1),
  /** All repositories of the account without it. */
  repo: z.string().min(1).optional(),
  /** Secrets and the credentials of registries. */
  secrets: z.boolean().default(false),
  push: z.boolean().default(false),
  cacheExport: z.boolean().default(false),
  /** Their own Bobfile counts, instead of that of the default branch. */
  bobfile: z.boolean().default(false),
});
