import type { Request, Response } from 'express';
import { identityOf } from '../../../http/identity.ts';
import { cursorOf, inPieces, pagingOf, sendPage } from '../../../http/paging.ts';
import { queryOf } from '../../../http/route.ts';
import type { Room } from '../../../room/room.ts';
import type { JobFilter } from '../../../store/contract/jobs.ts';
import type { Job, JobVersion } from '../../../words/job.ts';
import { Problem } from '../../../words/problems.ts';
import type { Identity } from '../../../words/scopes.ts';
import { findJob } from '../findJob.ts';
import { jobJson, versionJson } from '../present/job.ts';
import { isPlain, requiredProject } from '../project.ts';

/** `GET /v1/jobs`: the jobs of a project, newest first. */
export async function sendJobs(room: Room, request: Request, response: Response): Promise<void> {
  const query = queryOf(request);
  const filter = filterOf(query, identityOf(response));
  const paging = pagingOf(query);
  const { createdBefore, beforeNumber } = paging;
  const found = inPieces<Job>(paging.limit + 1, (limit, last) => {
    const beforeKey = last?.key ?? beforeNumber;
    return room.store.read.jobs(filter, {
      limit,
      ...(createdBefore !== undefined && { createdBefore }),
      ...(beforeKey !== undefined && { beforeKey }),
    });
  });
  const defaults = room.policy();
  await sendPage(request, response, paging, found, {
    present: (job) => jobJson(job, defaults),
    place: ({ createdAt, key }) => cursorOf(createdAt, key),
  });
}

function filterOf(query: URLSearchParams, identity: Identity): JobFilter {
  const [tagKey = '', tagValue, slug = ''] = ['tag_key', 'tag_value', 'slug'].map(
    (name) => query.get(name) ?? undefined,
  );
  if (tagKey === '' && tagValue !== undefined)
    throw new Problem('bad_request', 'tag_key is required when tag_value is provided', { field: 'tag_key' });
  if (![tagKey, tagValue ?? '', slug].every(isPlain))
    throw new Problem('bad_request', 'tag_key, tag_value and slug must not contain characters of control');
  return {
    project: requiredProject(identity, query),
    ...(slug !== '' && { slug }),
    ...(tagKey !== '' && { tagKey, ...(tagValue !== undefined && { tagValue }) }),
  };
}

/** `GET /v1/jobs/:job/versions`: the superseded ones, newest first. */
export async function sendVersions(room: Room, request: Request, response: Response): Promise<void> {
  const job = await findJob(room, request, response);
  const paging = pagingOf(queryOf(request));
  const { createdBefore, beforeNumber } = paging;
  const found = inPieces<JobVersion>(paging.limit + 1, (limit, last) => {
    const beforeVersion = last?.version ?? beforeNumber;
    return room.store.read.jobVersions(job.id, {
      limit,
      ...(createdBefore !== undefined && { createdBefore }),
      ...(beforeVersion !== undefined && { beforeVersion }),
    });
  });
  const defaults = room.policy();
  await sendPage(request, response, paging, found, {
    present: (row) => versionJson(row, job.kind, defaults),
    place: ({ createdAt, version }) => cursorOf(createdAt, version),
  });
}
