import { shown } from '../shown.ts';
import { type FileNode, type FileTable, isEmpty } from './fileNode.ts';
import type { Report } from './report.ts';

const longestText = 4096;
const kindNames: Record<FileNode['kind'], string> = {
  text: 'a text',
  number: 'a number',
  flag: 'true or false',
  list: 'a list',
  table: 'a table',
  nothing: 'nothing',
  date: 'a date',
};

/** A text and where it stands. */
export type TextNode = Extract<FileNode, { kind: 'text' }>;

/** A text without characters of control; undefined where it is absent, and where it is none, which is reported. */
export function textNode(node: FileNode | undefined, report: Report): TextNode | undefined {
  if (!node) return undefined;
  if (node.kind !== 'text') report.say(node, `must be a text in quotes, not ${kindNames[node.kind]}`);
  else if (node.text.length > longestText) report.say(node, `must have at most ${longestText} characters`);
  else if (/\p{Cc}/u.test(node.text) || !node.text.isWellFormed())
    report.say(node, 'must not have line ends or other characters of control');
  else return node;
  return undefined;
}

export function textOf(node: FileNode | undefined, report: Report): string | undefined {
  return textNode(node, report)?.text;
}

/** A text of a shape; `rule` says which, and goes on after the value. */
export function shapedText(
  node: FileNode | undefined,
  shape: RegExp,
  rule: string,
  report: Report,
): string | undefined {
  const found = textNode(node, report);
  if (!found || shape.test(found.text)) return found?.text;
  report.say(found, `${shown(found.text)} ${rule}`);
  return undefined;
}

export function flagOf(node: FileNode | undefined, report: Report): boolean | undefined {
  if (!node) return undefined;
  if (node.kind === 'flag') return node.flag;
  report.say(node, `must be true or false without quotes, not ${kindNames[node.kind]}`);
  return undefined;
}

/** The texts of a list, without those that are reported; empty where the list is absent. */
export function textNodes(node: FileNode | undefined, most: number, report: Report): TextNode[] {
  return listItems(node, 'of texts in quotes', most, report).flatMap((item) => {
    const found = textNode(item, report);
    if (found?.text !== '') return found ?? [];
    report.say(item, 'must not be empty');
    return [];
  });
}

export function listItems(
  node: FileNode | undefined,
  of: string,
  most: number,
  report: Report,
): readonly FileNode[] {
  if (!node) return [];
  if (node.kind !== 'list') report.say(node, `must be a list ${of}, not ${kindNames[node.kind]}`);
  else if (node.items.length > most) report.say(node, `must have at most ${most} entries`);
  else return node.items;
  return [];
}

/** The members of a table; `of` says what they are. Empty where the table is absent. */
export function tableMembers(
  node: FileNode | undefined,
  of: string,
  most: number,
  report: Report,
): FileTable {
  if (!node || (isEmpty(node) && node.kind !== 'text')) return new Map();
  if (node.kind !== 'table') report.say(node, `must be a table ${of}, not ${kindNames[node.kind]}`);
  else if (node.members.size > most) report.say(node, `must have at most ${most} entries`);
  else return node.members;
  return new Map();
}
