import { z } from 'zod';
import { messageWays, pullPolicies } from '../../../../builder/model/container.ts';
import {
  commandWords,
  containerEnv,
  containerImage,
  containerPath,
  credentials,
  network,
  result,
  tmpfs,
  user,
} from './containerFields.ts';

const mebibyte = 1024 * 1024;
const leastMemory = 6 * mebibyte;
const mostPids = 32_768;
const mostGraceSecs = 3600;

/** 0 takes it back; less than the engine takes is refused. */
const memory = z
  .int()
  .refine(
    (count) => count === 0 || count >= leastMemory,
    `container.memory_bytes must be at least ${leastMemory} (6 MiB)`,
  );
const cpus = z
  .number()
  .max(1024)
  .refine((count) => count === 0 || count >= 0.01, 'container.cpus must be at least 0.01');

/** What is run, and what it may do. A field that is not known may be meant as a limit, so it is refused. */
export const container = z
  .strictObject({
    image: containerImage.meta({ description: 'What is run; {"job": slug} runs what another job builds.' }),
    command: commandWords('container.command').meta({ description: "The image's own where absent." }),
    entrypoint: commandWords('container.entrypoint').meta({ description: "The image's own where absent." }),
    env: containerEnv.meta({ description: 'Values may be "secret:<name>". BARBEQUE_… is the server\'s.' }),
    working_dir: containerPath('container.working_dir').meta({
      description: "The image's own where absent.",
    }),
    user: user.meta({ description: 'Name or number, with or without a group: "1000:1000".' }),
    memory_bytes: memory.meta({
      description: 'From 6 MiB; at most what the settings allow. Who passes it is killed.',
    }),
    cpus: cpus.meta({ description: 'Cores, e.g. 1.5; at most what the settings allow.' }),
    pids_limit: z
      .int()
      .min(0)
      .max(mostPids)
      .meta({ description: 'Processes and threads; 512 where absent.' }),
    network: network.meta({
      description: "none, bridge (where absent) or the name of a network of the engine; never the host's.",
    }),
    read_only: z.boolean().meta({ description: 'Nothing of the image can be written to.' }),
    tmpfs: tmpfs.meta({
      description: 'Paths in memory with their sizes in bytes (0: half of the memory), or a list of paths.',
    }),
    pull: z.enum(pullPolicies).meta({ description: 'missing where absent.' }),
    credentials: credentials.meta({
      description:
        'Who pulls the image: "secret:<name>" each. Where absent, what the settings know of the registry.',
    }),
    message: z.enum(messageWays).meta({
      description: 'How the payload gets there; env where absent, and a file where it is too long for that.',
    }),
    stop_grace_secs: z
      .int()
      .min(0)
      .max(mostGraceSecs)
      .meta({ description: 'Between TERM and KILL; 10 where absent.' }),
    result: result.meta({
      description: 'Where the result is looked for: the last line of stdout, or a file. It must be JSON.',
    }),
  })
  .partial()
  .meta({ description: 'Makes the job run a command in a container.' });

export type ContainerBody = z.output<typeof container>;
