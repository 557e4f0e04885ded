import type { BuildEvent, StepRecord } from '../spec.ts';
import type { KitVertex } from './status.ts';

/** What an instruction of the Dockerfile is called in BuildKit's graph. */
export interface StepName {
  /** "" where there is one stage only. */
  stage: string;
  instruction: string;
}

const stepName = /^\[(?:([^\]]+) )?\d+\/\d+\] ([\s\S]+)$/;
const maxInstructionLength = 2000;

/** Reads names like `[build 2/4] RUN make`; undefined where a node is none of the Dockerfile's own. */
export function parseStepName(name: string): StepName | undefined {
  const [whole, stage = '', instruction] = stepName.exec(name) ?? [];
  return whole === undefined || instruction === undefined ? undefined : { stage, instruction };
}

export interface KitSteps {
  readonly list: StepRecord[];
  read(vertex: KitVertex): void;
  /** Ends the steps that are open. */
  end(): void;
}

interface Step {
  record: StepRecord;
  ended: boolean;
}

/**
 * The steps of a build, in the order in which they begin. Stages run side by side, each with numbers of its own, and
 * two may share a node: so a step's number counts all of them, and the stage stays in the instruction.
 */
export function createKitSteps(onEvent: (event: BuildEvent) => void): KitSteps {
  const known = new Set<string>();
  const steps = new Map<string, Step>();
  const list: StepRecord[] = [];

  const start = (digest: string, name: string, startedAt: number): Step => {
    const record: StepRecord = {
      number: list.length + 1,
      total: known.size,
      instruction: name.length <= maxInstructionLength ? name : `${name.slice(0, maxInstructionLength)}…`,
      cached: false,
      startedAt,
    };
    const step = { record, ended: false };
    steps.set(digest, step);
    list.push(record);
    onEvent({ type: 'step:start', step: { ...record } });
    return step;
  };

  const finish = (step: Step, completed: number): void => {
    step.record.durationMs = Math.max(0, completed - step.record.startedAt);
    // A node may be looked at again after its end, e.g. to fetch layers that are needed after all.
    if (step.ended) return;
    step.ended = true;
    onEvent({ type: 'step:end', step: { ...step.record } });
  };

  const read = ({ digest, name, cached, started, completed }: KitVertex): void => {
    const parsed = parseStepName(name);
    if (!parsed) return;
    known.add(digest);
    if (started === undefined) return;
    const label = parsed.stage === '' ? parsed.instruction : name;
    const step = steps.get(digest) ?? start(digest, label, started);
    step.record.cached ||= cached;
    if (completed !== undefined) finish(step, completed);
  };

  const end = (): void => {
    for (const step of steps.values()) {
      step.record.total = Math.max(known.size, list.length);
      if (!step.ended) finish(step, Date.now());
    }
  };

  return { list, read, end };
}
