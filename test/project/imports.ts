/** One import of a source file. */
export interface Import {
  /** As written; undefined where it is computed, so that nobody can tell what it loads. */
  specifier: string | undefined;
  /** It vanishes when the types are stripped. */
  typeOnly: boolean;
}

const fromClause = /^(?:import|export)\s+(?<clause>[^'";]*?)\s*from\s+['"](?<specifier>[^'"]+)['"]/gm;
const sideEffect = /^import\s+['"](?<specifier>[^'"]+)['"]/gm;
const dynamic = /\bimport\s*\(\s*(?:['"](?<specifier>[^'"]+)['"]\s*[,)]|[^'"\s])/g;

/** All imports and re-exports of a source, static and dynamic. Relies on the format that prettier writes. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return [
    ...matches(code, fromClause).map(({ clause, specifier }) => ({
      specifier,
      typeOnly: isTypeOnly(clause ?? ''),
    })),
    ...matches(code, sideEffect).map(({ specifier }) => ({ specifier, typeOnly: false })),
    ...matches(code, dynamic).map(({ specifier }) => ({ specifier, typeOnly: false })),
  ];
}

/** Whether the file says nothing of its own and only passes on what other files export. */
export function isBarrel(source: string): boolean {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const rest = code.replace(
    /^export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+['"][^'"]+['"];?/gm,
    '',
  );
  return rest !== code && rest.trim() === '';
}

function isTypeOnly(clause: string): boolean {
  if (clause.startsWith('type ')) return true;
  const names = /^\{(?<names>[^}]*)\}$/.exec(clause)?.groups?.['names'];
  if (!names) return false;
  const each = names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return each.every((name) => name.startsWith('type '));
}

function matches(code: string, pattern: RegExp): Record<string, string | undefined>[] {
  return [...code.matchAll(pattern)].map((match) => match.groups ?? {});
}
