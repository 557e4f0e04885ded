import { createNdjsonSplitter } from './ndjson.ts';
import { createPushLayers } from './pushLayers.ts';
import { type PushedManifest, parsePushMessage } from './pushStreamMessage.ts';

/** Reads the engine's answer to a push. */
export interface PushStream {
  /** Takes the next bytes, cut anywhere. Throws a BuildFault `engine_error` at what is no message. */
  write(chunk: Buffer): void;
  /** What came of the push, once the answer has ended. */
  end(): PushOutcome;
}

export interface PushOutcome {
  /** What the registry took; absent where it took nothing. */
  pushed: PushedManifest | undefined;
  /** The engine's words for what went wrong. */
  error: string | undefined;
  /** How much was sent, in a few words. */
  summary: string;
  /** The engine began single layers again by itself, which it does for 50 s. */
  retried: boolean;
  /** The stream stopped inside a message. */
  incomplete: boolean;
}

export interface PushStreamSinks {
  /** Takes a line about the progress, without its "\n". */
  onProgress: (line: string) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Time between two lines about the progress, in milliseconds. */
const progressMs = 1000;

/** A decoder of the push stream: of thousands of messages about layers a line a second is left, and only if it is new. */
export function createPushStream({ onProgress, now }: PushStreamSinks): PushStream {
  const layers = createPushLayers();
  let pushed: PushedManifest | undefined;
  let error: string | undefined;
  let saidAt = now();
  let said = '';

  const tellProgress = (): void => {
    if (now() - saidAt < progressMs) return;
    const line = layers.progress();
    saidAt = now();
    if (line !== said) onProgress(line);
    said = line;
  };

  const splitter = createNdjsonSplitter((line) => {
    const message = parsePushMessage(line);
    if (message.kind === 'layer') layers.read(message.layer);
    else if (message.kind === 'pushed') pushed = message.manifest;
    else if (message.kind === 'error') error ??= message.error;
    tellProgress();
  });

  return {
    write: (chunk) => splitter.write(chunk),
    end: () => ({
      pushed,
      error,
      summary: layers.summary(),
      retried: layers.retried,
      incomplete: splitter.rest() !== '',
    }),
  };
}
