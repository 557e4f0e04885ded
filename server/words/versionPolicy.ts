import type { Job } from './job.ts';

/**
 * The version that a run is started with. `pin` keeps the one that it was triggered for, `latest` takes the newest, and
 * `minor` takes the newest where it says that it fits what was asked of older ones.
 */
export function versionAtClaim(
  runVersion: number,
  { version, definition }: Pick<Job, 'version' | 'definition'>,
): number {
  const { versionPolicy = 'pin', backwardsCompatible = false } = definition;
  if (versionPolicy === 'latest') return version;
  return versionPolicy === 'minor' && backwardsCompatible ? version : runVersion;
}
