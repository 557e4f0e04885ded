import type { ExecutedJob } from '../../../store/contract/executions.ts';
import { type JobKind, jobKinds } from '../../../words/job.ts';

/** A job as lists nest it. */
export interface JobTypeBrief {
  id: number;
  name: string;
  version: string;
  title: string;
  description: string | null;
  category: string;
  author_name: string | null;
  author_url: null;
  is_system: false;
  is_long_running: false;
  is_active: boolean;
  is_operational: true;
  is_paused: boolean;
  icon_code: string;
}

const looks: Record<JobKind, { category: string; icon: string }> = {
  image: { category: 'build', icon: 'f1b2' },
  container: { category: 'container', icon: 'f120' },
  http: { category: 'http', icon: 'f0c1' },
};

export function categoryOf(kind: JobKind): string {
  return looks[kind].category;
}

/** The kinds that any of some categories stands for; of a category that is not known there are none. */
export function kindsOf(categories: readonly string[]): JobKind[] {
  return jobKinds.filter((kind) => categories.includes(categoryOf(kind)));
}

export function jobTypeBrief(job: ExecutedJob): JobTypeBrief {
  const { category, icon } = looks[job.kind];
  return {
    id: job.key,
    name: job.slug,
    version: String(job.version),
    title: `${job.project}/${job.slug}`,
    description: job.description ?? null,
    category,
    author_name: job.createdBy,
    author_url: null,
    is_system: false,
    is_long_running: false,
    is_active: job.enabled,
    is_operational: true,
    is_paused: job.paused,
    icon_code: icon,
  };
}

/** The version of a job that a run is done by. */
export function revisionBrief({ versionKey }: ExecutedJob): { id: number } {
  return { id: versionKey };
}

export function revisionDetail({ key, version, versionKey }: ExecutedJob): object {
  return { id: versionKey, job_type: { id: key }, revision_num: version };
}
