import { migrations } from '../migrations/list.ts';
import { refuseOtherSchema, type Source } from './ends.ts';
import {
  openPostgresEnd,
  openPostgresSession,
  postgresLastNumber,
  postgresRows,
  postgresSchema,
  refuseMembers,
} from './postgresEnd.ts';
import { chunksOn } from './postgresLogs.ts';

/**
 * Opens a store in a PostgreSQL database to be read, all of it as it is now; nobody can write to it until it is closed.
 *
 * @throws CopyRefusal where a docker-builder uses it, or there is none that this program can read
 */
export async function openPostgresSource(url: string): Promise<Source> {
  const end = await openPostgresEnd(url);
  const { name, session, told } = end;
  try {
    await told(async () => {
      await session.command('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      refuseOtherSchema(name, await postgresSchema(end), migrations.length);
      await refuseMembers(end);
    });
    // Logs are read while rows are.
    const beside = await openPostgresSession(url);
    return {
      name,
      rows: (table) => postgresRows(end, table),
      lastNumber: (table) => told(() => postgresLastNumber(end, table)),
      chunks: chunksOn(beside),
      close: async () => void (await Promise.all([beside.close(), session.close()])),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}
