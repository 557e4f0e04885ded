import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { BuildFault } from '../../../builder/model/faults.ts';
import type { LogSink, LogStream } from '../../../builder/model/log.ts';
import type { BuildEvent, ImageOptions, ImageResult, Mark } from '../../../builder/model/spec.ts';
import { buildImage, type ImageBuild } from '../../../builder/steps/engine/buildImage.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { sharedEngine, type TestEngine } from '../../fixtures/engine.ts';

/** The engine that the suites share, with busybox, and our connection to it. */
export async function sharedBed(): Promise<{ engine: Engine; test: TestEngine }> {
  const test = await sharedEngine();
  await importBusybox(test);
  return { engine: connect(test), test };
}

export function connect(test: TestEngine): Engine {
  return connectEngine({ name: 'local', address: { kind: 'socket', path: test.socket } });
}

export function newMark(): Mark {
  return { store: randomUUID(), attempt: randomUUID() };
}

export interface MemoryLog extends LogSink {
  blocks: { stream: LogStream; text: string }[];
  /** All that one stream wrote, or all at all. */
  text(stream?: LogStream): string;
}

export function memoryLog(): MemoryLog {
  const blocks: MemoryLog['blocks'] = [];
  return {
    blocks,
    append: (stream, text) => blocks.push({ stream, text }),
    congested: undefined,
    text: (stream) =>
      blocks
        .filter((block) => stream === undefined || block.stream === stream)
        .map(({ text }) => text)
        .join(''),
  };
}

export interface Order {
  dockerfile?: string;
  files?: Record<string, string>;
  context?: Readable;
  tags?: string[];
  labels?: Record<string, string>;
  options?: ImageOptions;
  registries?: ImageBuild['registries'];
  traces?: ImageBuild['traces'];
  mark?: Mark;
  log?: LogSink;
  signal?: AbortSignal;
  goneTimeoutMs?: number;
  onEvent?: (event: BuildEvent) => void;
}

export interface Outcome {
  result: ImageResult | undefined;
  fault: BuildFault | undefined;
  events: BuildEvent[];
  leftover: boolean;
  mark: Mark;
}

/** Builds and gives what came of it, success or fault. */
export async function build(engine: Engine, order: Order): Promise<Outcome> {
  const outcome: Outcome = {
    result: undefined,
    fault: undefined,
    events: [],
    leftover: false,
    mark: order.mark ?? newMark(),
  };
  const files = { ...(order.dockerfile !== undefined && { Dockerfile: order.dockerfile }), ...order.files };
  try {
    outcome.result = await buildImage({
      engine,
      context: order.context ?? contextOf(files),
      dockerfile: 'Dockerfile',
      tags: order.tags ?? [],
      options: order.options ?? {},
      mark: outcome.mark,
      labels: order.labels ?? {},
      log: order.log ?? memoryLog(),
      signal: order.signal ?? new AbortController().signal,
      ...optional(order),
      onLeftover: () => (outcome.leftover = true),
      onEvent: (event) => {
        outcome.events.push(event);
        order.onEvent?.(event);
      },
    });
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error;
    outcome.fault = error;
  }
  return outcome;
}

function optional({
  goneTimeoutMs,
  registries,
  traces,
}: Order): Pick<ImageBuild, 'goneTimeoutMs' | 'registries' | 'traces'> {
  return {
    ...(goneTimeoutMs !== undefined && { goneTimeoutMs }),
    ...(registries && { registries }),
    ...(traces && { traces }),
  };
}

export function contextOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}
