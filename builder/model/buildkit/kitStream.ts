import { type EngineComplaint, parseMessage } from '../buildStreamMessage.ts';
import type { LogSink } from '../log.ts';
import { createNdjsonSplitter } from '../ndjson.ts';
import type { BuildEvent, StepRecord } from '../spec.ts';
import { decodeStatus, isCanceled, type KitVertex } from './status.ts';
import { createKitSteps } from './kitSteps.ts';
import { createKitLog } from './kitLog.ts';

/** Reads the engine's answer to a build with BuildKit. */
export interface KitStream {
  /** Takes the next bytes, cut anywhere. Throws a BuildFault `engine_error` at what is no message. */
  write(chunk: Buffer): void;
  /** Gives out what is left, ends the open steps and says what came of the build. */
  end(): KitOutcome;
}

export interface KitOutcome {
  imageId: string | undefined;
  error: EngineComplaint | undefined;
  /** The node that failed first, by itself. */
  failed: KitVertex | undefined;
  steps: StepRecord[];
  /** Images whose cache was asked for, with the reason where it could not be had. */
  imports: { image: string; error: string }[];
  /** The stream stopped inside a message. */
  incomplete: boolean;
}

const traceStart = '{"id":"moby.buildkit.trace","aux":"';
const traceEnd = '"}';
const cacheImport = /^importing cache manifest from (.+)$/;

/** A decoder that writes a readable log: one header a step, its output behind its number. */
export function createKitStream({
  log,
  onEvent,
}: {
  log: Pick<LogSink, 'append'>;
  onEvent: (event: BuildEvent) => void;
}): KitStream {
  const kitLog = createKitLog(log);
  const steps = createKitSteps(onEvent);
  const imports = new Map<string, string>();
  let imageId: string | undefined;
  let error: EngineComplaint | undefined;
  let failed: KitVertex | undefined;

  const readVertex = (vertex: KitVertex): void => {
    steps.read(vertex);
    kitLog.vertex(vertex);
    const image = cacheImport.exec(vertex.name)?.[1];
    if (image !== undefined && vertex.completed !== undefined) imports.set(image, vertex.error);
    else if (vertex.error !== '' && !isCanceled(vertex)) failed ??= vertex;
  };

  const readLine = (line: string): void => {
    if (line.startsWith(traceStart) && line.endsWith(traceEnd)) {
      const trace = decodeStatus(Buffer.from(line.slice(traceStart.length, -traceEnd.length), 'base64'));
      for (const output of trace.logs) kitLog.output(output);
      for (const vertex of trace.vertexes) readVertex(vertex);
      return;
    }
    const message = parseMessage(line);
    if (message.kind === 'image') imageId = message.id;
    else if (message.kind === 'error') error ??= message.error;
    else if (message.kind === 'output') log.append('stdout', wholeLines(message.text));
  };

  const splitter = createNdjsonSplitter(readLine);
  return {
    write: splitter.write,
    end() {
      kitLog.end();
      steps.end();
      return {
        imageId,
        error,
        failed,
        steps: steps.list,
        imports: [...imports].map(([image, reason]) => ({ image, error: reason })),
        incomplete: splitter.rest() !== '',
      };
    },
  };
}

function wholeLines(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
