import { z } from 'zod';
import { sshAddress } from '../../builder/model/engineAddress.ts';

const file = z.string().regex(/^\//, 'must be an absolute path');
const bytes = z.number().int().min(0);
/** Docker takes no less. */
const leastMemory = 6 * 1024 ** 2;
const mostLabels = 64;

const addressShape = /^(?:unix:\/\/\/.+|tcp:\/\/[^/:@\s]+:\d{1,5})$/;

/** A name of an engine, or of one of its labels. */
export const engineLabel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/i, 'must be made of letters, digits, ".", "_" and "-"');

export const engineLabels = z
  .record(engineLabel, z.string().min(1).max(255))
  .refine((labels) => Object.keys(labels).length <= mostLabels, `must have at most ${mostLabels} labels`);

/** Bytes on the disk of an engine, for the clean-up: past `highBytes` it removes what is oldest, down to `lowBytes`. */
const disk = z
  .strictObject({ highBytes: bytes.min(1), lowBytes: bytes })
  .refine(({ highBytes, lowBytes }) => lowBytes < highBytes, {
    error: 'must be less than highBytes',
    path: ['lowBytes'],
  });

export const engine = z
  .strictObject({
    /** Shown in logs and on the page; never given to another engine later. */
    name: engineLabel,
    address: z
      .string()
      .refine(
        (text) => addressShape.test(text) || sshAddress(text) !== undefined,
        'must be unix:///path, tcp://host:port or ssh://[user@]host[:port]',
      ),
    /** Builds at once; DOCKER_BUILDER_CONCURRENCY where nothing is said. */
    slots: z.number().int().min(1).max(1000).optional(),
    /** Files in PEM: with `ca` the connection is TLS, with `cert` and `key` we say who we are. */
    ca: file.optional(),
    cert: file.optional(),
    key: file.optional(),
    /** What it is good for. `platform` may hold several, with commas; without it, it is the engine's own. */
    labels: engineLabels.optional(),
    /** Of a build's RUN steps here; the least of this, of `limits` and of the job's own counts. */
    memoryBytes: z.number().int().min(leastMemory).optional(),
    cpus: z.number().positive().max(1024).optional(),
    /** Of RUN: `default`, `none` or the name of a network, for whoever asks for none or for more. */
    network: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_.-]{0,254}$/i, 'must be default, none or the name of a network')
      .optional(),
    /** Nobody else uses it: the clean-up may remove what has no owner. */
    dedicated: z.boolean().optional(),
    disk: disk.optional(),
  })
  .superRefine(({ address, ca, cert, key }, context) => {
    const say = (message: string): void => context.addIssue({ code: 'custom', message });
    if ((cert === undefined) !== (key === undefined)) say('must have cert and key, or neither');
    if (cert !== undefined && ca === undefined) say('must have ca beside cert and key');
    if (ca !== undefined && !address.startsWith('tcp:')) say('can have ca, cert and key with tcp:// only');
  });

export type EngineSettings = z.output<typeof engine>;
