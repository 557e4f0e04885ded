import { type AllowedSource, templateServer } from '../../builder/model/sourceUrl.ts';
import type { Settings } from './settingsSchema.ts';

/** The git servers that may be asked: those of the settings, and those that a template names. */
export function allowedServers(gitUrl: string, { sources }: Settings): AllowedSource[] {
  const templates = [gitUrl, ...sources.templates.map(({ url }) => url)];
  return [...sources.allowed, ...templates.map(templateServer)];
}

/** The template of a repository's address: the first of the settings that is for it, else `gitUrl`. */
export function sourceTemplate(gitUrl: string, { sources }: Settings, account: string, repo: string): string {
  const match = sources.templates.find(
    (template) => template.account === account && (template.repo ?? repo) === repo,
  );
  return match?.url ?? gitUrl;
}
