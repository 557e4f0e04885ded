/**
 * The order in which BuildKit wants to be told of paths: folder by folder, names by their bytes. As texts that is the
 * order of the paths with their slashes below every other character.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return weight(left) - weight(right);
  }
  return a.length - b.length;
}

const slash = 47;

/** UTF-16 has the characters of its surrogates below some that come before them in UTF-8. */
function weight(code: number): number {
  if (code === slash) return -1;
  if (code >= 0xe000) return code - 0x800;
  return code >= 0xd800 ? code + 0x2000 : code;
}
