import { asNumber, asRecord, asText } from './answers.ts';

/** What an engine says about itself. */
export interface EngineInfo {
  /** Tells the daemon from others. Before version 24, those of one machine may have one ID: where its data is tells more. */
  id: string;
  /** Of the engine, e.g. `20.10.24`. */
  version: string;
  /** The API version that is spoken with it, e.g. `1.41`. */
  apiVersion: string;
  os: string;
  arch: string;
  cgroupDriver: 'cgroupfs' | 'systemd' | 'none';
  /** Bytes. */
  memory: number;
  cpus: number;
}

/** The newest API version whose words are known here; newer engines still speak it. */
const newestMinor = 51;

/** The prefix of every path, from what `/_ping` says: "" where the engine does not name a version. */
export function negotiatedVersion(offered: string | string[] | undefined): string {
  const minor = typeof offered === 'string' ? /^1\.(\d+)$/.exec(offered)?.[1] : undefined;
  return minor === undefined ? '' : `/v1.${Math.min(Number(minor), newestMinor)}`;
}

/** Reads the answer of `/info`. */
export function engineInfo(prefix: string | undefined, answer: unknown): EngineInfo {
  const info = asRecord(answer);
  const driver = info['CgroupDriver'];
  return {
    id: `${asText(info['ID'])} ${asText(info['DockerRootDir'])}`.trim(),
    version: asText(info['ServerVersion']),
    apiVersion: prefix?.slice('/v'.length) ?? '',
    os: asText(info['OSType']),
    arch: asText(info['Architecture']),
    cgroupDriver: driver === 'cgroupfs' || driver === 'systemd' ? driver : 'none',
    memory: asNumber(info['MemTotal']),
    cpus: asNumber(info['NCPU']),
  };
}
