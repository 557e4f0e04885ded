import type { EngineComponent } from '../../model/knownHoles.ts';
import { asList, asRecord, asText } from './answers.ts';
import type { Engine } from './engine.ts';

/** What an engine is made of. */
export interface EngineVersion {
  /** What it builds for by itself, e.g. `linux/arm64`. */
  platform: string;
  components: EngineComponent[];
}

/** Asks an engine for its parts. Rejects as `engine.call` does. */
export async function askVersion(engine: Engine): Promise<EngineVersion> {
  const answer = asRecord(await engine.call({ method: 'GET', path: '/version' }));
  const components = asList(answer['Components']).map((one) => {
    const { Name, Version } = asRecord(one);
    return { name: asText(Name), version: asText(Version) };
  });
  return {
    platform: `${asText(answer['Os'])}/${asText(answer['Arch'])}`,
    // Engines that list no parts are one themselves.
    components: components.length > 0 ? components : [{ name: 'Engine', version: asText(answer['Version']) }],
  };
}
