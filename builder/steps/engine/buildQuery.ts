import type { ImageOptions } from '../../model/spec.ts';
import type { Query } from './transport.ts';

export interface BuildQueryInput {
  dockerfile: string;
  cgroupParent: string | undefined;
  options: ImageOptions;
}

const cpuPeriodUs = 100_000;

/** The query of `POST /build` for the classic builder. */
export function buildQuery({ dockerfile, cgroupParent, options }: BuildQueryInput): Query {
  return {
    version: 1,
    dockerfile,
    rm: 1,
    // Without it a failed RUN leaves its container behind.
    forcerm: 1,
    ...(cgroupParent !== undefined && { cgroupparent: cgroupParent }),
    ...commonQuery(options),
    ...limits(options),
  };
}

/** What both builders are told in the same words. */
export function commonQuery(options: ImageOptions): Query {
  return {
    ...(options.labels && { labels: JSON.stringify(options.labels) }),
    ...(options.target !== undefined && { target: options.target }),
    ...(options.buildArgs && { buildargs: JSON.stringify(options.buildArgs) }),
    ...(options.noCache && { nocache: 1 }),
    ...(options.pull && { pull: 1 }),
    ...(options.networkMode !== undefined && { networkmode: options.networkMode }),
    ...(options.extraHosts && { extrahosts: options.extraHosts }),
    ...(options.platform !== undefined && { platform: options.platform }),
  };
}

function limits(options: ImageOptions): Query {
  return {
    ...(options.memoryBytes !== undefined && { memory: options.memoryBytes }),
    ...(options.memorySwapBytes !== undefined && { memswap: options.memorySwapBytes }),
    ...(options.shmBytes !== undefined && { shmsize: options.shmBytes }),
    ...(options.cpus !== undefined && {
      cpuperiod: cpuPeriodUs,
      cpuquota: Math.max(1000, Math.round(options.cpus * cpuPeriodUs)),
    }),
  };
}
