import type { RunReason } from '../../../words/reasons.ts';

export const errorCategories = ['SYSTEM', 'ALGORITHM', 'DATA'] as const;

export interface KnownError {
  /** Below 2^31; what a number was once given to keeps it for ever. */
  id: number;
  title: string;
  description: string;
  /** SYSTEM: of this server or what it works with. ALGORITHM: of what was run. DATA: of what was asked for. */
  category: (typeof errorCategories)[number];
}

/** What executions fail for, in the words of this interface. A new one goes to the end, with the next number. */
export const errorCatalogue = {
  unknown: {
    id: 1,
    title: 'Unknown',
    description: 'The build server failed by itself; its log says more.',
    category: 'SYSTEM',
  },
  'scheduler-lost': {
    id: 2,
    title: 'Scheduler Lost',
    description: 'The server that ran the execution is gone, or gave it back when it was shut down.',
    category: 'SYSTEM',
  },
  'node-lost': {
    id: 3,
    title: 'Node Lost',
    description: 'The Docker Engine did not answer, or stopped in the middle.',
    category: 'SYSTEM',
  },
  'docker-task-launch': {
    id: 4,
    title: 'Docker Task Launch',
    description: 'The Docker Engine failed by itself, or refused what it was asked for.',
    category: 'SYSTEM',
  },
  'filesystem-io': {
    id: 5,
    title: 'Filesystem I/O',
    description: 'A disk is full: of the engine, or of the data folder.',
    category: 'SYSTEM',
  },
  timeout: {
    id: 6,
    title: 'Timeout',
    description: 'It took longer than its limit.',
    category: 'ALGORITHM',
  },
  'algorithm-unknown': {
    id: 7,
    title: 'Algorithm Unknown',
    description: 'A command ended with another exit code than 0, or its endpoint said that it failed.',
    category: 'ALGORITHM',
  },
  'source-fetch': {
    id: 8,
    title: 'Source Fetch',
    description: 'The source to build could not be had: its address, credential, ref or content.',
    category: 'DATA',
  },
  'dockerfile-invalid': {
    id: 9,
    title: 'Dockerfile Invalid',
    description: 'The Dockerfile or the Bobfile is missing, or is not understood.',
    category: 'DATA',
  },
  'registry-push': {
    id: 10,
    title: 'Registry Push',
    description: 'A registry did not take the image, or not from this credential.',
    category: 'SYSTEM',
  },
  'out-of-memory': {
    id: 11,
    title: 'Out of Memory',
    description: 'It was killed because it passed its memory limit.',
    category: 'ALGORITHM',
  },
  'image-missing': {
    id: 12,
    title: 'Image Missing',
    description: 'An image that it starts from is not there, or the registry refuses it.',
    category: 'DATA',
  },
  'registry-unreachable': {
    id: 13,
    title: 'Registry Unreachable',
    description: 'A registry did not answer, or takes no more requests now.',
    category: 'SYSTEM',
  },
  'context-invalid': {
    id: 14,
    title: 'Context Invalid',
    description: 'The build context is too large or cannot be packed.',
    category: 'DATA',
  },
  'access-refused': {
    id: 15,
    title: 'Access Refused',
    description: 'A secret, a source, an image name or an endpoint that the settings do not allow.',
    category: 'DATA',
  },
  'request-invalid': {
    id: 16,
    title: 'Request Invalid',
    description: 'The engine or the endpoint refused what the job asks for.',
    category: 'DATA',
  },
  'results-invalid': {
    id: 17,
    title: 'Results Invalid',
    description: 'The result is not there, is no JSON, or is too long.',
    category: 'ALGORITHM',
  },
  'platform-unavailable': {
    id: 18,
    title: 'Platform Unavailable',
    description: 'No engine builds for this platform.',
    category: 'SYSTEM',
  },
  'endpoint-unreachable': {
    id: 19,
    title: 'Endpoint Unreachable',
    description: 'The endpoint could not be reached, took no more requests, or was not heard of any more.',
    category: 'SYSTEM',
  },
  canceled: {
    id: 20,
    title: 'Canceled',
    description: 'It was to stop: canceled, superseded, expired, or what it waited for went wrong.',
    category: 'ALGORITHM',
  },
} as const satisfies Record<string, KnownError>;

export type ErrorName = keyof typeof errorCatalogue;

/** Of every reason the one error that stands for it. */
export const errorOfReason: Readonly<Record<RunReason, ErrorName>> = {
  source_refused: 'access-refused',
  source_not_found: 'source-fetch',
  source_auth: 'source-fetch',
  source_unreachable: 'source-fetch',
  source_invalid: 'source-fetch',
  ref_not_found: 'source-fetch',
  bobfile_missing: 'dockerfile-invalid',
  bobfile_invalid: 'dockerfile-invalid',
  secret_refused: 'access-refused',
  dockerfile_missing: 'dockerfile-invalid',
  dockerfile_invalid: 'dockerfile-invalid',
  build_invalid: 'request-invalid',
  base_image_not_found: 'image-missing',
  registry_unreachable: 'registry-unreachable',
  registry_auth: 'registry-push',
  registry_denied: 'registry-push',
  push_failed: 'registry-push',
  image_name_refused: 'access-refused',
  platform_unavailable: 'platform-unavailable',
  context_too_large: 'context-invalid',
  context_invalid: 'context-invalid',
  build_step_failed: 'algorithm-unknown',
  image_not_found: 'image-missing',
  container_invalid: 'request-invalid',
  command_failed: 'algorithm-unknown',
  result_invalid: 'results-invalid',
  out_of_memory: 'out-of-memory',
  engine_unreachable: 'node-lost',
  engine_lost: 'node-lost',
  container_lost: 'node-lost',
  engine_error: 'docker-task-launch',
  disk_full: 'filesystem-io',
  timeout: 'timeout',
  canceled: 'canceled',
  lost: 'scheduler-lost',
  released: 'scheduler-lost',
  internal: 'unknown',
  superseded: 'canceled',
  expired: 'canceled',
  dependency_unmet: 'canceled',
  endpoint_refused: 'access-refused',
  endpoint_unreachable: 'endpoint-unreachable',
  endpoint_timeout: 'timeout',
  endpoint_busy: 'endpoint-unreachable',
  endpoint_failed: 'algorithm-unknown',
  endpoint_denied: 'request-invalid',
  endpoint_rejected: 'request-invalid',
  endpoint_output: 'results-invalid',
  endpoint_reported: 'algorithm-unknown',
  endpoint_silent: 'endpoint-unreachable',
};
