import { BuildFault } from '../model/faults.ts';
import type { ImagePlan } from '../model/imagePlan.ts';
import type { LogSink } from '../model/log.ts';
import { isSamePlatform } from '../model/platform.ts';
import type { ImageResult } from '../model/spec.ts';
import type { EngineInfo } from './engine/engineInfo.ts';

/** Has images built for platforms that the build's own engine is not for. */
export interface Elsewhere {
  /** Whether the build's own engine is for a platform. */
  isHere(platform: string): boolean;
  /** The platforms that an image was asked for before, and that need no other build: see `build`. */
  begun(plan: ImagePlan, commit: string): Promise<ReadonlySet<string>>;
  /** Rejects with a BuildFault `platform_unavailable` where no engine builds for a platform. */
  expect(platform: string): Promise<void>;
  /**
   * Has one image built for a platform, and pushed by tags of its own; gives it as it was built. Rejects with the
   * BuildFault of that build, or with the signal's reason.
   */
  build(order: PlatformOrder): Promise<ImageResult>;
}

export interface PlatformOrder {
  plan: ImagePlan;
  platform: string;
  /** So that all platforms get the same source, whatever becomes of the ref. */
  commit: string;
  /** The branch or tag that the image is tagged by. */
  branch?: string;
  log: LogSink;
  signal: AbortSignal;
}

/** Where there is one engine and nobody to ask. */
export function nowhereElse({ os, arch }: Pick<EngineInfo, 'os' | 'arch'>): Elsewhere {
  const own = `${os}/${arch}`;
  const refuse = (platform: string): never => {
    throw new BuildFault('platform_unavailable', `the engine builds for ${own}, not for ${platform}`);
  };
  return {
    isHere: (platform) => isSamePlatform(own, platform),
    begun: async () => new Set(),
    expect: async (platform) => void (isSamePlatform(own, platform) || refuse(platform)),
    build: async ({ platform }) => refuse(platform),
  };
}
