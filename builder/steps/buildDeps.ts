import type { Access } from '../model/access.ts';
import type { ImageTraces } from '../model/imageTraces.ts';
import type { LogSink } from '../model/log.ts';
import type { BuildEvent } from '../model/spec.ts';
import type { Engine } from './engine/engine.ts';
import type { TakePlace } from './inOrder.ts';
import type { Sources } from './source/sources.ts';

/** What a build works with. */
export interface BuildDeps {
  sources: Sources;
  engine: Engine;
  access: Access;
  log: LogSink;
  onEvent: (event: BuildEvent) => void;
  traces?: ImageTraces;
  /** Called where a stopped build may have left something on an engine that does not answer. */
  onLeftover: () => void;
  /** More places of the engine, for images that do not wait for each other. */
  takePlace: TakePlace;
  /** Rejects where the build has lost its right to go on. */
  beforePush: () => Promise<void>;
}
