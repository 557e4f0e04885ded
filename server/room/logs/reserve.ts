import { statfs } from 'node:fs/promises';

/** Bytes that a log writes between two looks at what is left on the disk. */
const lookEvery = 1024 * 1024;

/**
 * Leaves the last bytes of a disk to those who need few of them: the database has to store how a build ended whose log
 * has filled it. Gives what to call before so many bytes are written; it rejects with ENOSPC where the rest is reserved.
 */
export function newReserve(folder: string, reserveBytes: number): (bytes: number) => Promise<void> {
  let unlooked = lookEvery;
  return async (bytes) => {
    unlooked += bytes;
    if (reserveBytes === 0 || unlooked < lookEvery) return;
    unlooked = 0;
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= reserveBytes + bytes) return;
    const left = `no space left on device but for ${reserveBytes} bytes, which the database may need`;
    throw Object.assign(new Error(left), { code: 'ENOSPC' });
  };
}
