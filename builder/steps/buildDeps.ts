import type { Access } from '../model/access.ts';
import type { ImageTraces } from '../model/imageTraces.ts';
import type { LogSink } from '../model/log.ts';
import type { BuildEvent } from '../model/spec.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Engine } from './engine/engine.ts';
import type { Places } from './inOrder.ts';
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
  /** Places of the engine: the build's own, and more for images that do not wait for each other. */
  places: Places;
  /** Builds for other platforms than the engine's own. */
  elsewhere: Elsewhere;
  /** Rejects where the build has lost its right to go on. */
  beforePush: () => Promise<void>;
}
