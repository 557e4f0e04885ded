/**
 * A path inside a tree in its normal form, `a/b`; "" is the tree itself.
 * Undefined where it leaves the tree, or no tree can hold it.
 */
export function treePath(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const impossible =
    path.includes('\0') || parts.some((part) => part === '..' || part.toLowerCase() === '.git');
  return impossible ? undefined : parts.join('/');
}
