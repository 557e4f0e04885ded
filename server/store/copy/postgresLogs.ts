import type { LogChunks } from '../contract/logChunks.ts';
import type { Session } from '../postgresSession.ts';
import { createLogChunks } from '../shared/logChunks.ts';
import { looseOn } from '../shared/loose.ts';

/** The logs in a database, all on one connection: what is written to them belongs to its transaction. */
export function chunksOn(session: Session): LogChunks {
  const loose = looseOn(session);
  return createLogChunks({ write: loose, read: loose, tidy: loose });
}
