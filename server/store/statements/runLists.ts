import { isTerminal, type Run, type RunState, runStates } from '../../words/run.ts';
import { integer } from '../row.ts';
import { type Row, type Sql, type SqlValue, statement, type Statement } from '../sql.ts';
import type { RunFilter, RunPage } from '../contract/runs.ts';
import { sumCounts } from './counters.ts';
import { numbered } from './numbered.ts';
import { runColumns, runOf } from './runs.ts';

/** One condition of a WHERE, a `?` for each of its values. */
interface Condition {
  text: string;
  values: readonly SqlValue[];
}

/** The conditions that single out few runs, on columns as `by` writes them. */
function narrowOn(by: (column: string) => string) {
  return {
    project: `${by('project')} = ?`,
    slug: `${by('slug')} = ?`,
    job: `${by('job_id')} = (SELECT id FROM jobs WHERE removed_at IS NULL AND project = ? AND slug = ?)`,
    ref: `${by('ref')} = ?`,
    bobfile: `${by('bobfile')} = ?`,
    id: `${by('id')} = ?`,
  };
}
type Narrow = ReturnType<typeof narrowOn>;

// A query goes along one index: of its narrow conditions, or of states. The others are written so that none is taken.
const alongNarrow = narrowOn((column) => column);
const among = `? LIKE '%,' || state || ',%' AND archived + 0 BETWEEN ? AND ?`;
const besideStates = narrowOn((column) => `${column} || ''`);
const exactly = 'state = ? AND archived = ?';
const inPhase = `state = ? AND archived = ? AND CASE kind WHEN 'image' THEN phase ELSE 'build' END = ?`;

const pages = everyText((where) => `SELECT ${runColumns} FROM runs WHERE ${where} ORDER BY key DESC LIMIT ?`);
const counts = everyText((where) => `SELECT COUNT(*) AS runs FROM runs WHERE ${where}`);

const maxKey = 2_147_483_647;

/** Newest first. Where several states are asked for, each is a query of its own along the index, merged by key. */
export async function listRuns(sql: Sql, filter: RunFilter, { beforeKey, limit }: RunPage): Promise<Run[]> {
  const newest = beforeKey === undefined ? maxKey : beforeKey - 1;
  const rows = await allOf(sql, pages, filter, [newest, limit]);
  return merged(rows, limit).map(runOf);
}

/** How many runs the filter matches. */
export async function countRuns(sql: Sql, filter: RunFilter): Promise<number> {
  const { id, ref, bobfile, phases } = filter;
  if ([id, ref, bobfile, phases].every((part) => part === undefined)) return sumCounts(sql, filter);
  const rows = await allOf(sql, counts, filter, [maxKey]);
  return rows.flat().reduce((sum, row) => sum + integer(row, 'runs'), 0);
}

/** All at once, so that no run is seen twice or missed while it changes its state. */
function allOf(
  sql: Sql,
  texts: ReadonlyMap<string, Statement>,
  filter: RunFilter,
  last: readonly SqlValue[],
): Promise<Row[][]> {
  const ask = (one: Sql) =>
    queriesOf(filter).map((query) => {
      const found = texts.get(query.map(({ text }) => text).join(' AND '));
      if (!found) throw new Error('no statement was made for this filter');
      return one.all(found, [...query.flatMap(({ values }) => values), ...last]);
    });
  return sql.together((one) => Promise.all(ask(one)));
}

/** The queries whose answers together are the filter's: along one narrow index, or one for each state. */
function queriesOf(filter: RunFilter): Condition[][] {
  const { states, phases, archived, id } = filter;
  const wanted = runStates.filter((state) => states?.includes(state) ?? true);
  const narrow = narrowing(filter, alongNarrow);
  if (!phases && !states && archived === undefined) return [narrow];
  // Runs that have not ended are few beside the others: then the index of states is the narrower one.
  if (!phases && narrow.length > 0 && (id !== undefined || wanted.some(isTerminal)))
    return [[...narrow, amongStates(wanted, archived)]];
  const beside = narrowing(filter, besideStates);
  return eachState(wanted, phases, archived).map((status) => beside.concat(status));
}

/** In the order of `everyText`. */
function narrowing({ project, slug, ref, bobfile, id }: RunFilter, texts: Narrow): Condition[] {
  const found: Condition[] = [];
  if (project !== undefined && slug !== undefined) found.push({ text: texts.job, values: [project, slug] });
  else if (project !== undefined) found.push({ text: texts.project, values: [project] });
  else if (slug !== undefined) found.push({ text: texts.slug, values: [slug] });
  if (ref !== undefined) found.push({ text: texts.ref, values: [ref] });
  if (bobfile !== undefined) found.push({ text: texts.bobfile, values: [bobfile] });
  if (id !== undefined) found.push({ text: texts.id, values: [id] });
  return found;
}

function eachState(
  wanted: readonly RunState[],
  phases: RunFilter['phases'],
  archived: boolean | undefined,
): Condition[] {
  if (!phases) return pairs(wanted, archived).map((values) => ({ text: exactly, values }));
  const running = pairs(
    wanted.filter((state) => state === 'running'),
    archived,
  );
  return running.flatMap((values) =>
    [...new Set(phases)].map((phase) => ({ text: inPhase, values: values.concat(phase) })),
  );
}

/** Each state with each answer to whether it is archived; only an ended run can be. */
function pairs(wanted: readonly RunState[], archived: boolean | undefined): SqlValue[][] {
  const all = wanted.flatMap((state) =>
    isTerminal(state)
      ? [
          [state, 0],
          [state, 1],
        ]
      : [[state, 0]],
  );
  return archived === undefined ? all : all.filter(([, flag]) => flag === Number(archived));
}

function amongStates(wanted: readonly RunState[], archived: boolean | undefined): Condition {
  const range = archived === undefined ? [0, 1] : [Number(archived), Number(archived)];
  return { text: among, values: [`,${wanted.join(',')},`, ...range] };
}

function merged(lists: readonly Row[][], limit: number): Row[] {
  if (lists.length === 1) return lists[0] ?? [];
  return lists
    .flat()
    .toSorted((a, b) => integer(b, 'key') - integer(a, 'key'))
    .slice(0, limit);
}

/** A statement for every set of conditions, made at once, so that none is first seen in production. */
function everyText(textOf: (where: string) => string): ReadonlyMap<string, Statement> {
  const sets = [...everySet(alongNarrow, ['', among]), ...everySet(besideStates, [exactly, inPhase])];
  return new Map(
    sets.map((conditions) => {
      const where = [...conditions, 'key <= ?', ...whose(conditions)].join(' AND ');
      return [conditions.join(' AND '), statement(numbered(textOf(where)))];
    }),
  );
}

/** Who knows a child run by its id may see it; elsewhere its parent stands for it. */
function whose(conditions: readonly string[]): string[] {
  const isById = conditions.includes(alongNarrow.id) || conditions.includes(besideStates.id);
  return isById ? [] : ['platform IS NULL'];
}

function everySet({ project, slug, job, ref, bobfile, id }: Narrow, status: readonly string[]): string[][] {
  const choices = [['', project, slug, job], ['', ref], ['', bobfile], ['', id], status];
  const sets = choices.reduce<string[][]>(
    (made, next) => made.flatMap((set) => next.map((text) => [...set, text])),
    [[]],
  );
  return sets.map((set) => set.filter((text) => text !== ''));
}
