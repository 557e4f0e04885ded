import { BuildFault } from '../../builder/model/faults.ts';
import { templateServer } from '../../builder/model/sourceUrl.ts';

/** What is wrong with the template of a repository's address; undefined where nothing is. */
export function readGitUrl(
  template: string,
  needed: readonly string[] = ['{account}', '{repo}'],
): string | undefined {
  const missing = needed.filter((placeholder) => !template.includes(placeholder));
  if (missing.length > 0) return `must have ${missing.join(' and ')} in its path`;
  try {
    templateServer(template);
    return undefined;
  } catch (error) {
    if (error instanceof BuildFault)
      return 'must be a plain http, https or ssh address, with placeholders in its path only and no password';
    throw error;
  }
}
