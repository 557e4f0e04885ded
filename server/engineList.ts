import { engineAddress } from '../builder/model/engineAddress.ts';
import { given } from '../builder/model/given.ts';
import { connectEngine, type Engine } from '../builder/steps/engine/engine.ts';
import { readEngineAddress } from './config/engineAddress.ts';
import type { Environment } from './config/environment.ts';
import { ConfigError } from './config/mistakes.ts';
import type { EngineSettings } from './config/engineSchema.ts';
import type { Settings } from './config/settingsSchema.ts';
import type { ListedEngine } from './room/engines/seat.ts';
import { machineName } from './room/members/me.ts';
import { builds } from './words/member.ts';
import { isPostgresUrl } from './words/postgresUrl.ts';

/** Gives the engines of the settings. Throws a ConfigError where an address or a certificate cannot be read. */
export type EngineList = (settings: Settings) => Promise<ListedEngine[]>;

type EngineDefaults = Pick<Environment, 'role' | 'name' | 'labels' | 'slots' | 'database'>;

/** Connects to the engines that the settings name, else to DOCKER_HOST's; to each once, however often they change. */
export function createEngineList(env: NodeJS.ProcessEnv, environment: EngineDefaults): EngineList {
  const { slots: usualSlots, labels: ownLabels, role } = environment;
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
    return {
      engine,
      slots,
      labels: { ...ownLabels, ...labels },
      terms: given({ memoryBytes, cpus, network }),
      dedicated,
      disk,
    };
  }

  function standard(): ListedEngine {
    const engine = connected.get('') ?? defaultEngine(env, standardName(environment));
    connected.set('', engine);
    return { engine, slots: usualSlots, labels: ownLabels, terms: {}, dedicated: false, disk: undefined };
  }

  if (!builds(role)) return async () => [];
  return async ({ engines }) => (engines.length === 0 ? [standard()] : Promise.all(engines.map(named)));
}

/** Of several processes each has its own, so it goes by the name of whose it is. */
function standardName({ database, name = machineName() }: EngineDefaults): string {
  return isPostgresUrl(database ?? '') ? name : 'default';
}

function defaultEngine(env: NodeJS.ProcessEnv, name: string): Engine {
  try {
    return connectEngine({ name, address: engineAddress(env) });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ place: 'DOCKER_HOST', problem }]);
  }
}
