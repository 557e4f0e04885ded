import type { ImageTraces } from './imageTraces.ts';
import type { BuildEvent, StepRecord } from './spec.ts';

const maxInstructionLength = 2000;
const header = /^Step (\d+)\/(\d+) : ([\s\S]*[^\n])$/;
const running = /^ ---> Running in ([0-9a-f]{12})\n$/;
const made = /^ ---> ([0-9a-f]{12})\n$/;

/** Finds the steps of a build in what the engine prints. */
export interface StepTracker {
  readonly steps: StepRecord[];
  /** Short id of the newest container that a step was run in. */
  readonly container: string | undefined;
  /** Looks at one piece of output; true where it began a step. */
  read(text: string): boolean;
  /** Ends the step that is open. */
  end(): void;
}

/**
 * The engine mixes its own words with the output of the steps, and a RUN may print anything. So a header counts only
 * outside of a container, and only with the next number of the same total. A RUN that prints the line which ends its
 * own container could still invent steps and images: nothing except the list of steps may follow from them alone.
 */
export function createStepTracker(
  onEvent: (event: BuildEvent) => void,
  now: () => number,
  onLayer: ImageTraces['layer'] = () => {},
): StepTracker {
  const steps: StepRecord[] = [];
  let open: StepRecord | undefined;
  let container: string | undefined;
  let removal: string | undefined;

  const end = (): void => {
    if (!open) return;
    open.durationMs = now() - open.startedAt;
    onEvent({ type: 'step:end', step: { ...open } });
    open = undefined;
  };

  const start = (number: number, total: number, instruction: string): void => {
    end();
    open = { number, total, instruction: shortened(instruction), cached: false, startedAt: now() };
    steps.push(open);
    onEvent({ type: 'step:start', step: { ...open } });
  };

  const isNext = (number: number, total: number): boolean =>
    number === steps.length + 1 && number <= total && (steps[0] === undefined || total === steps[0].total);

  const readHeader = (text: string): boolean => {
    const [, number, total, instruction = ''] = header.exec(text) ?? [];
    if (!isNext(Number(number), Number(total))) return false;
    start(Number(number), Number(total), instruction);
    return true;
  };

  /** What FROM names was there before, and is not of the build. */
  const readLayer = ({ instruction, cached }: StepRecord, text: string): void => {
    const id = made.exec(text)?.[1];
    if (id !== undefined && !/^FROM\s/i.test(instruction)) onLayer(id, cached);
  };

  const read = (text: string): boolean => {
    if (removal !== undefined) {
      if (text === removal) removal = undefined;
      return false;
    }
    if (text.startsWith('Step ')) return readHeader(text);
    if (open && text === ' ---> Using cache\n') open.cached = true;
    const id = running.exec(text)?.[1];
    if (open && id !== undefined) {
      container = id;
      removal = `Removing intermediate container ${id}\n`;
    }
    if (open) readLayer(open, text);
    return false;
  };

  return {
    steps,
    get container() {
      return container;
    },
    read,
    end,
  };
}

function shortened(instruction: string): string {
  return instruction.length <= maxInstructionLength
    ? instruction
    : `${instruction.slice(0, maxInstructionLength)}…`;
}
