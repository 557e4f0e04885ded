import Docker from 'dockerode';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { findProgram, installPackages } from './packages.ts';

const image = 'busybox:musl';

/**
 * The path of a busybox that needs no library, for an image that has none: the machine's own, else Debian's package,
 * else, on machines that are no Linux, the one in the image busybox:musl, put into `folder`.
 */
export async function findBusybox(folder: string, say: (line: string) => void): Promise<string> {
  const own = await machinesOwn();
  if (own) return own;
  if (process.platform === 'linux') {
    await installPackages('busybox-static');
    const installed = await machinesOwn();
    if (installed) return installed;
  }
  say(`No static busybox on this machine: taking the one in the image ${image}`);
  return fromImage(path.join(folder, 'busybox'));
}

async function machinesOwn(): Promise<string | undefined> {
  const file = process.platform === 'linux' ? findProgram('busybox') : undefined;
  return file && (await isStatic(file)) ? file : undefined;
}

/** A program that needs libraries names its loader, /lib…/ld-…, near its start. */
async function isStatic(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer: start, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
  return !start.subarray(0, bytesRead).includes('/ld-');
}

async function fromImage(file: string): Promise<string> {
  const docker = new Docker();
  const wasThere = await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (!wasThere) await pull(docker);
  const container = await docker.createContainer({ Image: image });
  try {
    await writeFile(file, await onlyFile(await container.getArchive({ path: '/bin/busybox' })), {
      mode: 0o755,
    });
  } finally {
    await container.remove();
    if (!wasThere) await docker.getImage(image).remove();
  }
  return file;
}

async function pull(docker: Docker): Promise<void> {
  const progress = await docker.pull(image);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}

async function onlyFile(archive: NodeJS.ReadableStream): Promise<Buffer> {
  const unpack = extract();
  const found: Buffer[] = [];
  const read = async () => {
    for await (const entry of unpack) found.push(await buffer(entry));
  };
  await Promise.all([pipeline(archive, unpack), read()]);
  return Buffer.concat(found);
}
