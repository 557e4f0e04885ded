import { isSamePlatform } from '../../../builder/model/platform.ts';
import { type Labelled, labelsOf } from './seat.ts';

/**
 * Whether an engine builds for a platform, `os/arch` or `os/arch/variant`, as its label `platform` says. Where one of
 * the two says no variant, it is not looked at.
 */
export function fits(seat: Labelled, platform: string): boolean {
  const offered = (labelsOf(seat)['platform'] ?? '').split(',');
  return offered.some((own) => isSamePlatform(own, platform));
}

/** The same for an engine that may not have been met yet: until it says what it is, it may be anything. */
export function mayFit(seat: Labelled, platform: string): boolean {
  return labelsOf(seat)['platform'] === undefined || fits(seat, platform);
}
