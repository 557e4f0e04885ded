import { engineAddress } from '../builder/model/engineAddress.ts';
import { given } from '../builder/model/given.ts';
import { connectEngine, type Engine } from '../builder/steps/engine/engine.ts';
import { readEngineAddress } from './config/engineAddress.ts';
import { ConfigError } from './config/mistakes.ts';
import type { EngineSettings } from './config/engineSchema.ts';
import type { Settings } from './config/settingsSchema.ts';
import type { ListedEngine } from './room/engines/seat.ts';

/** Gives the engines of the settings. Throws a ConfigError where an address or a certificate cannot be read. */
export type EngineList = (settings: Settings) => Promise<ListedEngine[]>;

/** Connects to the engines that the settings name, else to DOCKER_HOST's; to each once, however often they change. */
export function createEngineList(env: NodeJS.ProcessEnv, usualSlots: number): EngineList {
  const connected = new Map<string, Engine>();

  async function named(settings: EngineSettings): Promise<ListedEngine> {
    const {
      name,
      address,
      ca,
      cert,
      key,
      slots = usualSlots,
      labels = {},
      dedicated = false,
      disk,
    } = settings;
    const way = JSON.stringify([name, address, ca, cert, key]);
    const engine = connected.get(way) ?? connectEngine({ name, address: await readEngineAddress(settings) });
    connected.set(way, engine);
    const { memoryBytes, cpus, network } = settings;
    return { engine, slots, labels, terms: given({ memoryBytes, cpus, network }), dedicated, disk };
  }

  function standard(): ListedEngine {
    const engine = connected.get('') ?? defaultEngine(env);
    connected.set('', engine);
    return { engine, slots: usualSlots, labels: {}, terms: {}, dedicated: false, disk: undefined };
  }

  return async ({ engines }) => (engines.length === 0 ? [standard()] : Promise.all(engines.map(named)));
}

function defaultEngine(env: NodeJS.ProcessEnv): Engine {
  try {
    return connectEngine({ name: 'default', address: engineAddress(env) });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ place: 'DOCKER_HOST', problem }]);
  }
}
