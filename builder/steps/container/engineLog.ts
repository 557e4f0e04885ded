import type { SeenLines } from '../../model/container.ts';

const files = 10;
const fileMegabytes = 10;

/** What the engine keeps of a container's output, for who comes after us: at most 100 MB. */
export const logConfig = {
  Type: 'local',
  Config: { 'max-size': `${fileMegabytes}m`, 'max-file': `${files}`, compress: 'false' },
};

/** What the engine stores with each line, in bytes. */
const lineOverhead = 27;
const keptBytes = (files - 1) * fileMegabytes * 1024 * 1024;

/** Whether so much was written that the engine may have dropped the beginning. */
export function mayBeLost({ stdout, stderr, bytes }: SeenLines): boolean {
  return bytes + (stdout + stderr) * lineOverhead > keptBytes;
}
