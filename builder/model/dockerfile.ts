import { buildKitNeeds } from './dockerfile/buildKitNeeds.ts';
import { parseInstructions } from './dockerfile/instructions.ts';
import { readStages } from './dockerfile/stages.ts';

/** What a Dockerfile says about itself before anybody builds it. */
export interface DockerfileFacts {
  /**
   * The images of others that a build up to the target uses, of FROM, `COPY --from` and `RUN --mount=from`: in order and
   * each once. One whose name depends on what only a build knows is left out.
   */
  images: readonly string[];
  /** What the target is made FROM in the end; absent for `scratch`. */
  base?: string;
  /** What only BuildKit can do, in a few words with its line; absent where the classic builder is enough. */
  needsBuildKit?: string;
  /** The image that `# syntax=` names. */
  syntax?: string;
}

export interface DockerfileWish {
  buildArgs?: Readonly<Record<string, string>>;
  /** A stage's name or number; the last one where absent. */
  target?: string;
}

/**
 * Reads a Dockerfile as Docker's own parser does, in time linear to its length. Never throws: what is wrong with it is for
 * the engine to say.
 */
export function readDockerfile(text: string, wish: DockerfileWish = {}): DockerfileFacts {
  const { buildArgs = {}, target } = wish;
  const instructions = parseInstructions(text);
  const needsBuildKit = buildKitNeeds(instructions, buildArgs);
  const { images, base } = readStages(instructions, buildArgs, target);
  const { syntax } = instructions;
  return {
    images,
    ...(base !== undefined && { base }),
    ...(needsBuildKit !== undefined && { needsBuildKit }),
    ...(syntax !== undefined && { syntax }),
  };
}
