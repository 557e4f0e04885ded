import { Composer, Lexer, LineCounter, Parser } from 'yaml';
import type { CST, Document } from 'yaml';
import { shown } from '../shown.ts';
import { type FileNode, FormatError, maxDepth, tooMuch } from './fileNode.ts';
import { yamlTree } from './yamlTree.ts';

/** More than ten thousand tags need, and few enough that the worst text is read in well under a second. */
const maxTokens = 65_536;
/** A level of YAML is at most this many entries of the parser's stack. */
const stackPerLevel = 2;

interface Lines {
  counter: LineCounter;
  /** From an offset. */
  lineAt: (offset: number) => number;
}

/** Reads a YAML text, which a JSON text is too. Throws a FormatError, with the format's name, where it is none. */
export function readYaml(text: string, format: 'JSON' | 'YAML'): FileNode {
  const counter = new LineCounter();
  counter.addNewLine(0);
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  return yamlTree(parseYaml(text, format, { counter, lineAt }), lineAt);
}

function parseYaml(text: string, format: string, { counter, lineAt }: Lines): Document.Parsed['contents'] {
  // Keys that are there twice are looked for later: the library compares each with each.
  const options = { schema: 'core', merge: false, resolveKnownTags: false, uniqueKeys: false } as const;
  const tokens = tokensOf(text, { counter, lineAt });
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (!document) throw new FormatError(`cannot be read as ${format}`, 1);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw new FormatError(`is not valid ${format} here: ${sentenceOf(fault)}`, lineAt(fault.pos[0]));
  if (second) throw new FormatError('has more than one document', lineAt(second.range[0]));
  return document.contents;
}

function* tokensOf(text: string, { counter, lineAt }: Lines): Generator<CST.Token> {
  const parser = new Parser(counter.addNewLine);
  let count = 0;
  for (const token of new Lexer().lex(text)) {
    count += 1;
    yield* parser.next(token);
    if (count > maxTokens || parser.stack.length > stackPerLevel * maxDepth)
      throw new FormatError(tooMuch, lineAt(parser.offset));
  }
  yield* parser.end();
}

/** The library's sentences may quote any length of the file. */
function sentenceOf({ code, message }: { code: string; message: string }): string {
  if (code === 'TAB_AS_INDENT') return 'tabs may not indent, only blanks';
  return shown(message.replace(/\n[^]*$/, ''), 100).slice(1, -1);
}
