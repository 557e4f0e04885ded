import type { CallStore, TakenCall } from '../contract/calls.ts';
import { type Loose, postgresStatement } from '../loose.ts';
import { integer, text, textOrNull } from '../row.ts';
import type { Row } from '../sql.ts';

/** Milliseconds by the database's own clock: nobody else's decides what is over. */
export const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** So long, in milliseconds, a call may outlive its deadline. */
const lingerMs = 60_000;

const post = postgresStatement(`INSERT INTO calls (id, asker, member, kind, question, expires_at)
  VALUES ($1, $2, $3, $4, $5, ${nowMs} + $6::bigint) ON CONFLICT (id) DO NOTHING`);
// Carried out again by the same token it gives the same ones. Whoever waited for somebody else's look sees only here, and
// not in the list, that the call is taken by then.
const take = postgresStatement(`UPDATE calls SET taken = $2
  WHERE id IN (SELECT id FROM calls WHERE member = $1 AND answer IS NULL AND (taken IS NULL OR taken = $2)
    AND expires_at > ${nowMs} ORDER BY id LIMIT $3::integer)
    AND (taken IS NULL OR taken = $2)
  RETURNING id, asker, kind, question, expires_at - ${nowMs} AS left_ms`);
const answer = postgresStatement('UPDATE calls SET answer = $2 WHERE id = $1');
const asked = postgresStatement('SELECT id, answer FROM calls WHERE asker = $1');
const withdraw = postgresStatement('DELETE FROM calls WHERE id = $1 RETURNING taken, answer');
const forget = postgresStatement(`DELETE FROM calls WHERE expires_at < ${nowMs} - ${lingerMs}`);

export function createCallStore(loose: Loose): CallStore {
  return {
    async post({ id, asker, member, kind, question, lastsMs }) {
      await loose.run(post, [id, asker, member, kind, question, lastsMs]);
    },
    take: async (member, token, limit) => (await loose.all(take, [member, token, limit])).map(takenCallOf),
    answer: async (id, given) => (await loose.run(answer, [id, given])) === 1,
    async asked(asker) {
      const rows = await loose.all(asked, [asker]);
      return rows.map((row) => ({ id: text(row, 'id'), answer: textOrNull(row, 'answer') }));
    },
    async withdraw(id) {
      const [row] = await loose.all(withdraw, [id]);
      return row && { isTaken: row['taken'] !== null, answer: textOrNull(row, 'answer') };
    },
    forgetOld: () => loose.run(forget, []),
  };
}

function takenCallOf(row: Row): TakenCall {
  return {
    id: text(row, 'id'),
    asker: text(row, 'asker'),
    kind: text(row, 'kind'),
    question: text(row, 'question'),
    leftMs: integer(row, 'left_ms'),
  };
}
