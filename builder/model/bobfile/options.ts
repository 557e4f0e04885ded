import { labelNameProblem } from '../labelName.ts';
import type { ImageOptions } from '../spec.ts';
import type { Entry } from './keys.ts';
import type { Report } from './report.ts';
import { flagOf, shapedText, tableMembers, textNode } from './values.ts';

/** What `docker.build_opts` asks for every image. */
export interface DockerOptions {
  noCache: boolean;
  pull: boolean;
}

const mostEntries = 100;
const stage = /^[A-Za-z0-9][\w.-]{0,127}$/;
const argument = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** What the engine is asked for. */
export function readOptions(entry: Entry, docker: DockerOptions, report: Report): ImageOptions {
  const target = shapedText(
    entry.get('target'),
    stage,
    'must be the name of a stage: letters, digits, "_", "." and "-"',
    report,
  );
  const buildArgs = readBuildArgs(entry, report);
  const labels = readLabels(entry, report);
  const noCache = flagOf(entry.get('no_cache'), report) ?? docker.noCache;
  const pull = flagOf(entry.get('pull'), report) ?? docker.pull;
  return {
    ...(target !== undefined && { target }),
    ...(Object.keys(buildArgs).length > 0 && { buildArgs }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(noCache && { noCache }),
    ...(pull && { pull }),
  };
}

function readBuildArgs(entry: Entry, report: Report): Record<string, string> {
  const members = tableMembers(entry.get('build_args'), 'of NAME = "value"', mostEntries, report);
  const pairs = [...members].flatMap(([name, node]): [string, string][] => {
    const value = textNode(node, report);
    if (!argument.test(name)) report.say(node, 'must have a name of letters, digits and "_"');
    if (value?.text.startsWith('secret:'))
      report.say(
        value,
        'must not be a secret, which would stay in the image: use secrets and RUN --mount=type=secret',
      );
    return value ? [[name, value.text]] : [];
  });
  return Object.fromEntries(pairs);
}

function readLabels(entry: Entry, report: Report): Record<string, string> {
  const members = tableMembers(entry.get('labels'), 'of "name" = "value"', mostEntries, report);
  const pairs = [...members].flatMap(([name, node]): [string, string][] => {
    const value = textNode(node, report);
    const problem = labelNameProblem(name);
    if (problem !== undefined) report.say(node, problem);
    return value ? [[name, value.text]] : [];
  });
  return Object.fromEntries(pairs);
}
