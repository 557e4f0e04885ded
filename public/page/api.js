// @ts-check
import { askSignIn } from './sign-in.js';
/** @import { Attempt, Job, LineRange, Run, Worker } from './words.d.ts' */

const pausesMs = [200, 800];

/** An answer that is not a success, with a sentence for a person. */
export class ApiError extends Error {
  /** @param {number} status 0 where the server could not be reached @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks the server, as often as it takes the person to sign in.
 * @param {string} method
 * @param {string} path
 * @param {{ body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>}
 */
async function ask(method, path, { body, signal } = {}) {
  /** @type {RequestInit} */
  const init = { method, headers: { accept: 'application/json' } };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { accept: 'application/json', 'content-type': 'application/json' };
  }
  const response = await reach(path, init);
  if (response.status === 401) {
    await askSignIn();
    return ask(method, path, { body, ...(signal && { signal }) });
  }
  if (!response.ok) throw new ApiError(response.status, await sentenceOf(response));
  return response;
}

/**
 * Browsers drop waiting requests whenever a network interface comes or goes, as the engine's do with each build; what
 * can be asked twice is asked again.
 * @param {string} path
 * @param {RequestInit} init
 */
async function reach(path, init) {
  for (const pause of init.method === 'POST' ? [] : pausesMs) {
    try {
      return await fetch(path, init);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    init.signal?.throwIfAborted();
  }
  return fetch(path, init).catch((error) => {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, 'The server cannot be reached.');
  });
}

/** @param {Response} response */
async function sentenceOf(response) {
  const text = (await response.text().catch(() => '')).trim();
  try {
    const { error, message } = JSON.parse(text);
    for (const said of [error, message, error?.message])
      if (typeof said === 'string' && said !== '') return said;
  } catch {
    if (text !== '' && text.length < 300 && !text.startsWith('<')) return text;
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

/**
 * @param {Record<string, string>} query
 * @param {AbortSignal} signal
 * @returns {Promise<{ jobs: Job[], total: number }>} newest first; `total` counts what the filter matches
 */
export async function getJobs(query, signal) {
  const response = await ask('GET', `jobs?${new URLSearchParams(query)}`, { signal });
  /** @type {Job[]} */
  const jobs = Object.values(await response.json());
  return { jobs, total: Number(response.headers.get('x-total-count') ?? jobs.length) };
}

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Job>} */
export const getJob = async (id, signal) => (await ask('GET', jobPath(id), { signal })).json();

/** @param {string} id @param {AbortSignal} signal @returns {Promise<Attempt[]>} */
export const getAttempts = async (id, signal) =>
  (await ask('GET', `${jobPath(id)}/attempts`, { signal })).json();

/**
 * @param {string} id
 * @param {number} from
 * @param {number} to
 * @param {AbortSignal} signal
 * @returns {Promise<LineRange>}
 */
export const getLines = async (id, from, to, signal) =>
  (await ask('GET', `${jobPath(id)}/lines?from=${from}&to=${to}`, { signal })).json();

/** @param {string} id */
export const cancelJob = (id) => ask('DELETE', jobPath(id));

/** @param {{ account: string, repo: string, ref: string }} order @returns {Promise<Job>} */
export const postJob = async (order) => (await ask('POST', 'jobs', { body: order })).json();

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Run>} */
export const getRun = async (id, signal) =>
  (await ask('GET', `v1/runs/${encodeURIComponent(id)}`, signal ? { signal } : {})).json();

/** Makes another run of a run that failed. @param {string} id @returns {Promise<{ id: string }>} */
export const replayRun = async (id) => (await ask('POST', `v1/runs/${encodeURIComponent(id)}/replay`)).json();

/** Makes another run of a job. @param {string} job its id @param {object | undefined} payload @returns {Promise<{ id: string }>} */
export const trigger = async (job, payload) =>
  (
    await ask('POST', `v1/jobs/${encodeURIComponent(job)}/trigger`, {
      body: { payload },
    })
  ).json();

/** @param {AbortSignal} signal @returns {Promise<Worker[]>} */
export const getWorkers = async (signal) => (await ask('GET', 'workers', { signal })).json();

/** @param {string} id */
const jobPath = (id) => `jobs/${encodeURIComponent(id)}`;

/** Where the whole log can be downloaded. @param {string} id */
export const logPath = (id) => `${jobPath(id)}/log`;
