import { StringDecoder } from 'node:string_decoder';
import { createLineAssembler, type LineAssembler } from '../lines.ts';
import type { LogSink } from '../log.ts';
import { parseStepName } from './kitSteps.ts';
import { isCanceled, type KitOutput, type KitVertex } from './status.ts';

/** Writes what BuildKit tells as a log for people. */
export interface KitLog {
  vertex(vertex: KitVertex): void;
  output(output: KitOutput): void;
  /** Gives out what is left. */
  end(): void;
}

interface Told {
  number: number;
  headed: boolean;
  ended: boolean;
  /** One for each stream, so that neither cuts a line of the other. */
  writers: Map<KitOutput['stream'], Writer>;
}

interface Writer {
  decoder: StringDecoder;
  lines: LineAssembler;
}

const clipped = '[output clipped, log limit';
const clippedMeaning =
  'BuildKit leaves out what a step prints beyond its limit; the step itself goes on. The limit is of the engine: ' +
  'BUILDKIT_STEP_LOG_MAX_SIZE and BUILDKIT_STEP_LOG_MAX_SPEED in the environment of dockerd. The classic builder ' +
  'leaves out nothing.\n';
const longestHeader = 500;

/**
 * Steps get a line at their beginning, their output behind their number, and a line at their end; BuildKit's own work
 * one line when it is done. A line of output is never cut by another step.
 */
export function createKitLog(log: Pick<LogSink, 'append'>): KitLog {
  const told = new Map<string, Told>();
  let explained = false;

  const toldOf = (digest: string): Told => {
    const known = told.get(digest);
    if (known) return known;
    const fresh: Told = { number: told.size + 1, headed: false, ended: false, writers: new Map() };
    told.set(digest, fresh);
    return fresh;
  };

  const writerOf = ({ number, writers }: Told, stream: KitOutput['stream']): Writer => {
    const known = writers.get(stream);
    if (known) return known;
    const emit = (_: unknown, block: string): void => {
      log.append(stream, numbered(number, block));
      if (explained || !block.includes(clipped)) return;
      explained = true;
      log.append('system', clippedMeaning);
    };
    const fresh = { decoder: new StringDecoder('utf8'), lines: createLineAssembler(emit) };
    writers.set(stream, fresh);
    return fresh;
  };

  const flush = ({ writers }: Told): void => {
    for (const [stream, { decoder, lines }] of writers) {
      lines.write(stream, decoder.end());
      lines.end();
    }
    writers.clear();
  };

  const vertex = (seen: KitVertex): void => {
    if (seen.started === undefined && seen.error === '') return;
    const one = toldOf(seen.digest);
    if (one.ended) return;
    const isStep = parseStepName(seen.name) !== undefined;
    const header = oneLine(seen.name);
    if (isStep && !one.headed) log.append('stdout', `#${one.number} ${header}\n`);
    one.headed = true;
    if (seen.completed === undefined && seen.error === '') return;
    one.ended = true;
    flush(one);
    log.append('stdout', `#${one.number} ${isStep ? '' : `${header} `}${ending(seen)}\n`);
  };

  return {
    vertex,
    output({ vertex: digest, stream, bytes }) {
      const { decoder, lines } = writerOf(toldOf(digest), stream);
      lines.write(stream, decoder.write(bytes));
    },
    end() {
      for (const one of told.values()) flush(one);
    },
  };
}

function ending(vertex: KitVertex): string {
  const { cached, started, completed, error } = vertex;
  if (isCanceled(vertex)) return 'CANCELED';
  if (error !== '') return `ERROR: ${oneLine(error)}`;
  if (cached) return 'CACHED';
  const seconds = ((completed ?? 0) - (started ?? 0)) / 1000;
  return `DONE ${Math.max(0, seconds).toFixed(1)}s`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= longestHeader ? line : `${line.slice(0, longestHeader)}…`;
}

/** The number in front of each line, as `docker build` prints it. */
function numbered(number: number, block: string): string {
  const prefix = `#${number} `;
  return `${prefix}${block.slice(0, -1).replaceAll('\n', `\n${prefix}`)}\n`;
}
