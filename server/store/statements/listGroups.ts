import { type JobKind, jobKinds } from '../../words/job.ts';
import { type Course, courseOf } from '../course.ts';
import { integer, oneOf, text } from '../row.ts';
import { type Row, type Sql, statement, type Statement } from '../sql.ts';

/** All rows of a list with the same origin and the same course, and how many they are. */
export interface Group {
  origin: ListedOrigin;
  /** As a number. */
  course: number;
  courseFacts: Course;
  rows: number;
}

export interface ListedOrigin {
  key: number;
  jobKey: number;
  jobId: string;
  project: string;
  slug: string;
  kind: JobKind;
  version: number;
  priority: number;
  timeoutMs: number;
}

const origins =
  statement(`SELECT o.key, o.job_version, o.priority, o.timeout_ms, j.key AS job_key, o.job_id, j.project, j.slug, j.kind
  FROM origins o JOIN jobs j ON j.id = o.job_id`);
const counted = (ofRuns: 0 | 1) =>
  statement(`SELECT origin, course, counted FROM course_counts WHERE of_runs = ${ofRuns} AND counted > 0`);
const counts = {
  attempts: counted(0),
  runs: counted(1),
} satisfies Record<string, Statement>;

/** Every group of attempts, or of runs, that there is. */
export async function groupsOf(sql: Sql, table: 'attempts' | 'runs'): Promise<Group[]> {
  const [facts, rows] = await Promise.all([sql.all(origins, []), sql.all(counts[table], [])]);
  const originOf = new Map(facts.map((row) => [integer(row, 'key'), listedOriginOf(row)]));
  const courses = new Map<number, Course>();
  return rows.flatMap((row) => {
    const origin = originOf.get(integer(row, 'origin'));
    const course = integer(row, 'course');
    const courseFacts = courses.get(course) ?? courseOf(course);
    courses.set(course, courseFacts);
    return origin ? [{ origin, course, courseFacts, rows: integer(row, 'counted') }] : [];
  });
}

function listedOriginOf(row: Row): ListedOrigin {
  return {
    key: integer(row, 'key'),
    jobKey: integer(row, 'job_key'),
    jobId: text(row, 'job_id'),
    project: text(row, 'project'),
    slug: text(row, 'slug'),
    kind: oneOf(jobKinds, row, 'kind'),
    version: integer(row, 'job_version'),
    priority: integer(row, 'priority'),
    timeoutMs: integer(row, 'timeout_ms'),
  };
}
