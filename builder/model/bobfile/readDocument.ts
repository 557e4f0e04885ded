import { type FileNode, FormatError } from './fileNode.ts';
import { readToml } from './readToml.ts';
import { readYaml } from './readYaml.ts';

/**
 * Reads a text as TOML, else as JSON or YAML, whatever the file's name. Throws the FormatError of the format that it
 * most likely is in. An empty text is an empty table.
 */
export function readDocument(text: string, path: string): FileNode {
  const toml = attempt(() => readToml(text));
  if (!(toml instanceof FormatError)) return toml;
  const yaml = attempt(() => readYaml(text, looksLikeJson(text, path) ? 'JSON' : 'YAML'));
  const isToml = looksLikeToml(text, path);
  // Almost any text is YAML: often a single text of many lines.
  if (!(yaml instanceof FormatError) && (yaml.kind === 'table' || !isToml)) return yaml;
  if (isToml) throw toml;
  throw yaml instanceof FormatError ? yaml : toml;
}

function attempt(read: () => FileNode): FileNode | FormatError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

function looksLikeToml(text: string, path: string): boolean {
  if (/\.toml$/i.test(path)) return true;
  if (/\.ya?ml$/i.test(path) || looksLikeJson(text, path)) return false;
  return /^[ \t]*(?:\[\[?[ \t]*[\w."'-]+[ \t]*\]|[\w."'-]+[ \t]*=)/m.test(text);
}

function looksLikeJson(text: string, path: string): boolean {
  return /\.json$/i.test(path) || /^\s*\{/.test(text);
}
