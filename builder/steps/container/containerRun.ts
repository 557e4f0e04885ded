import type { Access } from '../../model/access.ts';
import type { ContainerSpec } from '../../model/container.ts';
import type { ContainerOutput } from '../../model/containerOutput.ts';
import type { LogSink } from '../../model/log.ts';
import type { BuildEvent } from '../../model/spec.ts';
import type { Engine } from '../engine/engine.ts';

/** What the run of a container works with. */
export interface ContainerDeps {
  engine: Engine;
  access: Pick<Access, 'registry' | 'secret' | 'refusedRegistry'>;
  log: LogSink;
  onEvent: (event: BuildEvent) => void;
  /** Called where a container that was to be stopped may still run on an engine that does not answer. */
  onLeftover: () => void;
  /** How long an engine that does not answer is asked to stop a container, in milliseconds; 20 s where nothing is said. */
  goneTimeoutMs?: number;
}

/** One container on its way, from before it is made until it has ended. */
export interface ContainerRun {
  deps: ContainerDeps;
  spec: ContainerSpec;
  name: string;
  output: ContainerOutput;
  /** Cuts its connections. */
  signal: AbortSignal;
  /** The engine may have stopped since the container was last seen to run, and have ended it. */
  wasBroken: boolean;
  /** The engine was away as soon as the container had ended: it was shutting down, and ends its containers then. */
  wasShutDown: boolean;
  progress: 'new' | 'started' | 'ended';
}
