import { BuildFault } from './faults.ts';
import { formatDate, layoutProblem } from './goLayout.ts';
import { tagName } from './imageName.ts';
import { nearestWord } from './nearestWord.ts';
import { shown } from './shown.ts';

/** What is known of what is built. */
export interface TagFacts {
  /** The full id. */
  commit?: string;
  branch?: string;
  /** As `git describe --always --tags` prints it; where absent, the commit's first 7 digits. */
  tag?: string;
  now: Date;
}

const facts = ['sha', 'branch', 'tag'] as const;
type Fact = (typeof facts)[number];
type Piece = { text: string } | { fact: Fact } | { layout: string };

const shortCommit = 7;
const maxTag = 128;
const maxTemplate = 1000;
/** What the first versions of the original had, each only as the whole of a tag. */
const oldWords: ReadonlyMap<string, Fact> = new Map([
  ['git:branch', 'branch'],
  ['git:rev', 'sha'],
  ['git:sha', 'sha'],
  ['git:short', 'tag'],
  ['git:tag', 'tag'],
]);
const macros = [...facts, 'date'];
const allMacros = '{{ sha }}, {{ branch }}, {{ tag }} and {{ date "2006-01-02" }}';
const macro = /\{\{([^{}]*)\}\}/;

/** What is wrong with a tag that may hold macros, as the end of a sentence; undefined where nothing is. */
export function tagTemplateProblem(template: string): string | undefined {
  if (template === '') return 'must not be empty';
  if (oldWords.has(template)) return undefined;
  if (template.length > maxTemplate) return `must have at most ${maxTemplate} characters`;
  const parts = partsOf(template);
  const problems = parts.filter((_, i) => isBody(i)).map(macroProblem);
  return problems.find((problem) => problem !== undefined) ?? textProblem(parts.filter((_, i) => !isBody(i)));
}

/**
 * The tag that a template stands for; what the facts have and a tag cannot (the `/` of a branch) becomes `-`.
 * Throws a BuildFault `bobfile_invalid` where the template is not valid, or needs a fact that is not known.
 */
export function renderTag(template: string, known: TagFacts): string {
  const problem = tagTemplateProblem(template);
  if (problem !== undefined)
    throw new BuildFault('bobfile_invalid', `The tag ${shown(template)} is not valid: it ${problem}.`);
  return tagName(
    piecesOf(template)
      .map((piece) => filled(piece, known))
      .join(''),
  );
}

function filled(piece: Piece, known: TagFacts): string {
  if ('text' in piece) return piece.text;
  if ('layout' in piece) return formatDate(piece.layout, known.now);
  const value = factOf(piece.fact, known);
  if (value === undefined || value === '')
    throw new BuildFault(
      'bobfile_invalid',
      `A tag of the Bobfile needs {{ ${piece.fact} }}, which is not known here: ${hints[piece.fact]}.`,
    );
  return tagName(value);
}

const hints: Record<Fact, string> = {
  sha: 'the source has no commit',
  branch: 'ask for a branch, or name it beside the commit',
  tag: 'the source has neither a tag nor a commit',
};

function factOf(fact: Fact, { commit, branch, tag }: TagFacts): string | undefined {
  if (fact === 'sha') return commit;
  return fact === 'branch' ? branch : tag || commit?.slice(0, shortCommit);
}

/** Of a template without problems. */
function piecesOf(template: string): Piece[] {
  const old = oldWords.get(template);
  if (old !== undefined) return [{ fact: old }];
  return partsOf(template).map((part, i) => (isBody(i) ? pieceOf(part) : { text: part }));
}

function pieceOf(body: string): Piece {
  const fact = facts.find((name) => name === body);
  return fact ? { fact } : { layout: layoutOf(body) ?? '' };
}

/** Text and what is between braces by turns, text first. */
function partsOf(template: string): string[] {
  // As Go's text/template: a "-" inside the braces takes away the blanks outside.
  const trimmed = template.replaceAll(/(?<!\s)\s*\{\{-(?=\s)/g, '{{').replaceAll(/(?<=\s)-\}\}\s*/g, '}}');
  return trimmed.split(macro).map((part, i) => (isBody(i) ? part.trim() : part));
}

function isBody(index: number): boolean {
  return index % 2 === 1;
}

function macroProblem(body: string): string | undefined {
  const [word = ''] = /^\w*/.exec(body) ?? [];
  if (/[|()]/.test(body) && layoutOf(body) === undefined)
    return `has pipes or brackets in ${shown(body)}: only ${allMacros} are known`;
  if (word === 'date') return dateProblem(body);
  if (facts.some((fact) => fact === body)) return undefined;
  const near = nearestWord(word, macros);
  const hint = near === undefined || near === word ? '' : `; did you mean ${near}?`;
  return `has the unknown macro ${shown(body)}: ${allMacros} are known${hint}`;
}

function dateProblem(body: string): string | undefined {
  const layout = layoutOf(body);
  if (layout === undefined) return `has ${shown(body)}: a date is written {{ date "2006-01-02" }}`;
  const problem = layoutProblem(layout);
  return problem === undefined ? undefined : `has a date whose layout ${shown(layout)} ${problem}`;
}

/** A layout is in quotes, or in backquotes as Go's raw texts. */
function layoutOf(body: string): string | undefined {
  return /^date\s+(?:"([^"\\]*)"|`([^`]*)`)$/
    .exec(body)
    ?.slice(1)
    .find((text) => text !== undefined);
}

function textProblem(texts: readonly string[]): string | undefined {
  const text = texts.join('');
  if (/\{\{|\}\}/.test(text)) return `has braces that are not closed: only ${allMacros} are known`;
  if (text.startsWith('git:')) return `is none of the old words ${[...oldWords.keys()].join(', ')}`;
  if (!/^[\w.-]*$/.test(text)) return 'may have only letters, digits, "_", "." and "-" besides macros';
  if (/^[.-]/.test(texts[0] ?? '')) return 'must not begin with "." or "-"';
  return text.length > maxTag ? `must have at most ${maxTag} characters` : undefined;
}
