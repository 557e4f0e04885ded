import { roles } from '../../words/member.ts';
import type { Beat, EngineHold, Holder, MemberRow, Members, NewMember } from '../contract/members.ts';
import { type Loose, postgresStatement } from '../loose.ts';
import { integer, oneOf, text, textOrNull } from '../row.ts';
import type { Row } from '../sql.ts';
import { whileWaiting } from './standstill.ts';

/** By the one clock that all of them agree on. */
const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Whoever enters holds it: two that come at the same time do not get the same name. Any number that nobody else locks. */
export const enterLock = 7_239_001_966;

// Not that of the table: whoever stands still between two messages of one statement would have it from all others.
const lock = postgresStatement(`SELECT pg_advisory_xact_lock(${enterLock})`);
const named = postgresStatement(`SELECT id, name, host, pid, machine, seen_at FROM members
  WHERE seen_at > ${now} - $1::bigint AND id <> $2`);
const replace = postgresStatement('DELETE FROM members WHERE name = $1 AND id <> $2');
const put = postgresStatement(`INSERT INTO members
    (id, name, role, host, pid, machine, report, started_at, seen_at)
  VALUES ($1, $2, $3, $4, $5::integer, $6, $7, ${now}, ${now})
  ON CONFLICT (id) DO UPDATE SET report = excluded.report, seen_at = excluded.seen_at`);
const renew = postgresStatement(`UPDATE members SET report = $2, seen_at = ${now} WHERE id = $1`);
const beatEngines = postgresStatement(`UPDATE held_engines SET seen_at = ${now}
  FROM json_to_recordset($1::text::json) AS used (name text, daemon text)
  WHERE held_engines.name = used.name AND held_engines.daemon = used.daemon
  RETURNING held_engines.name`);
const remove = postgresStatement('DELETE FROM members WHERE id = $1');
const forgetMembers = postgresStatement(`DELETE FROM members WHERE seen_at < ${now} - $1::bigint`);
const forgetEngines = postgresStatement(`DELETE FROM held_engines WHERE seen_at < ${now} - $1::bigint`);
const count = postgresStatement(
  `SELECT count(*)::integer AS members FROM members WHERE seen_at > ${now} - $1::bigint`,
);
const list = postgresStatement(`SELECT id, name, role, host, pid, machine, report, started_at, seen_at,
    ${now} - seen_at AS silent_ms
  FROM members ORDER BY started_at, id`);
const hold = postgresStatement(`INSERT INTO held_engines (name, daemon, member_name, seen_at)
  VALUES ($1, $2, $3, ${now})
  ON CONFLICT (name) DO UPDATE SET daemon = excluded.daemon, member_name = excluded.member_name, seen_at = excluded.seen_at
    WHERE held_engines.daemon = excluded.daemon
      OR held_engines.seen_at < ${now} - $4::bigint`);
const heldBy = postgresStatement('SELECT member_name FROM held_engines WHERE name = $1');

/** `endOther` ends who stands still with a lock. */
export function createMembers(loose: Loose, endOther: (lock: number) => Promise<void>): Members {
  const enterAlone = (member: NewMember, lostMs: number) =>
    whileWaiting(
      () => endOther(enterLock),
      () => loose.together((sql) => enter(sql, member, lostMs)),
    );

  async function beat(member: NewMember, engines: readonly EngineHold[], lostMs: number): Promise<Beat> {
    if ((await loose.run(renew, [member.id, member.report])) === 0) {
      // It was forgotten, or another one came under its name: as when it came itself, but for its name.
      const again = await enterAlone({ ...member, isFixed: true }, lostMs);
      if ('holder' in again) return again;
    }
    if (engines.length === 0) return { held: [] };
    const rows = await loose.all(beatEngines, [JSON.stringify(engines)]);
    return { held: rows.map((row) => text(row, 'name')) };
  }

  return {
    enter: enterAlone,
    beat,
    async remove(id) {
      await loose.run(remove, [id]);
    },
    async forget(silentMs) {
      await loose.run(forgetMembers, [silentMs]);
      await loose.run(forgetEngines, [silentMs]);
    },
    async count(lostMs) {
      const [row] = await loose.all(count, [lostMs]);
      return integer(row ?? {}, 'members');
    },
    list: async () => (await loose.all(list, [])).map(memberRow),
    async hold({ name, daemon }: EngineHold, member, lostMs) {
      if ((await loose.run(hold, [name, daemon, member, lostMs])) > 0) return undefined;
      const [holder] = await loose.all(heldBy, [name]);
      return holder ? text(holder, 'member_name') : 'another';
    },
  };
}

async function enter(
  sql: Loose,
  member: NewMember,
  lostMs: number,
): Promise<{ name: string } | { holder: Holder }> {
  await sql.run(lock, []);
  const rows = await sql.all(named, [lostMs, member.id]);
  const taken = new Map(rows.map((row) => [text(row, 'name'), row]));
  const holder = taken.get(member.name);
  if (holder && member.isFixed) return { holder: holderOf(holder) };
  const name = firstFree(member.name, taken);
  // Whoever was called so is dead.
  await sql.run(replace, [name, member.id]);
  await write(sql, { ...member, name });
  return { name };
}

function firstFree(name: string, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

async function write(sql: Loose, { id, name, role, host, pid, machine, report }: NewMember): Promise<void> {
  await sql.run(put, [id, name, role, host, pid, machine ?? null, report]);
}

function holderOf(row: Row): Holder {
  return {
    id: text(row, 'id'),
    host: text(row, 'host'),
    pid: integer(row, 'pid'),
    machine: textOrNull(row, 'machine') ?? undefined,
    seenAt: integer(row, 'seen_at'),
  };
}

function memberRow(row: Row): MemberRow {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    role: oneOf(roles, row, 'role'),
    host: text(row, 'host'),
    pid: integer(row, 'pid'),
    machine: textOrNull(row, 'machine') ?? undefined,
    startedAt: integer(row, 'started_at'),
    seenAt: integer(row, 'seen_at'),
    silentMs: integer(row, 'silent_ms'),
    report: text(row, 'report'),
  };
}
