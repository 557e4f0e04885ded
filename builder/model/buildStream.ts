import { type EngineComplaint, parseMessage, plainOutput } from './buildStreamMessage.ts';
import { createOutputBatch } from './buildStreamOutput.ts';
import { createStepTracker } from './buildStreamSteps.ts';
import type { ImageTraces } from './imageTraces.ts';
import type { LineAssembler } from './lines.ts';
import { createNdjsonSplitter } from './ndjson.ts';
import type { BuildEvent, StepRecord } from './spec.ts';

/** Reads the answer of the engine's classic builder. */
export interface BuildStream {
  /** Takes the next bytes, cut anywhere. Throws a BuildFault `engine_error` at what is no message. */
  write(chunk: Buffer): void;
  /** Gives out what is left, ends the open step and says what came of the build. */
  end(): BuildOutcome;
  /** Short id of the newest container that a step was run in. */
  readonly container: string | undefined;
}

export interface BuildOutcome {
  /** Set only where the newest step made it: an id that came before another step began does not count. */
  imageId: string | undefined;
  error: EngineComplaint | undefined;
  steps: StepRecord[];
  /** The last 2 KB of what the engine and its steps printed. */
  tail: string;
  /** The stream stopped inside a message. */
  incomplete: boolean;
}

export interface BuildStreamSinks {
  lines: LineAssembler;
  onEvent: (event: BuildEvent) => void;
  onLayer?: ImageTraces['layer'] | undefined;
  /** Milliseconds since 1970. */
  now: () => number;
}

// The engine wraps each piece of a step's stderr in these.
const stderrStart = '\u001b[91m';
const stderrEnd = '\u001b[0m';
const escape = 27;

/** A decoder of the build stream: output goes to `lines` in few large pieces, steps become events. */
export function createBuildStream({ lines, onEvent, onLayer, now }: BuildStreamSinks): BuildStream {
  const output = createOutputBatch(lines);
  const tracker = createStepTracker(onEvent, now, onLayer);
  let imageId: string | undefined;
  let error: EngineComplaint | undefined;

  const readOutput = (text: string): void => {
    if (text.charCodeAt(0) === escape && text.startsWith(stderrStart) && text.endsWith(stderrEnd)) {
      output.add('stderr', text.slice(stderrStart.length, -stderrEnd.length));
      return;
    }
    if (tracker.read(text)) imageId = undefined;
    output.add('stdout', text);
  };

  const readLine = (line: string): void => {
    const plain = plainOutput(line);
    if (plain !== undefined) {
      readOutput(plain);
      return;
    }
    const message = parseMessage(line);
    if (message.kind === 'output') readOutput(message.text);
    else if (message.kind === 'status') output.add('stdout', message.text);
    else if (message.kind === 'image') imageId = message.id;
    else if (message.kind === 'error') error ??= message.error;
  };

  const splitter = createNdjsonSplitter(readLine);
  return {
    write(chunk) {
      splitter.write(chunk);
      output.flush();
    },
    end() {
      output.end();
      tracker.end();
      return { imageId, error, steps: tracker.steps, tail: output.tail, incomplete: splitter.rest() !== '' };
    },
    get container() {
      return tracker.container;
    },
  };
}
