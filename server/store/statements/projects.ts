import { imageFolder } from '../../../builder/model/imageName.ts';
import { text, textOrNull } from '../row.ts';
import { type Sql, statement } from '../sql.ts';

const insert = statement(
  'INSERT INTO projects (name, image_folder, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
);
const byFolder = statement('SELECT name FROM projects WHERE image_folder = $1 ORDER BY key LIMIT 100');

const revision = statement('SELECT revision FROM projects WHERE name = $1');
const lock = statement('UPDATE projects SET revision = $2 WHERE name = $1');

/** Makes the project on its first use. */
export async function ensureProject(sql: Sql, name: string, now: number): Promise<void> {
  await sql.run(insert, [name, imageFolder(name), now]);
}

/** The projects whose images are called `<folder>/…`: one, or several whose names differ in what a name cannot have. */
export async function projectsByImageFolder(sql: Sql, folder: string): Promise<string[]> {
  return (await sql.all(byFolder, [folder])).map((row) => text(row, 'name'));
}

/** The tag that every container job of a project runs its image by; null where each has its own, undefined without a project. */
export async function projectRevision(sql: Sql, name: string): Promise<string | null | undefined> {
  const row = await sql.get(revision, [name]);
  return row && textOrNull(row, 'revision');
}

/** False where there is no such project. */
export async function lockRevision(sql: Sql, name: string, tag: string | null): Promise<boolean> {
  return (await sql.run(lock, [name, tag])) > 0;
}
