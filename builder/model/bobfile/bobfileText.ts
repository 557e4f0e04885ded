import { isUtf8 } from 'node:buffer';
import { maxBobfileBytes } from './bobfile.ts';
import { BobfileError } from './bobfileError.ts';

/** The text of a Bobfile. Throws a BobfileError where its bytes are none, e.g. those of a program or of UTF-16. */
export function bobfileText(bytes: Buffer, path: string): string {
  // One that is cut at its limit may end inside of a character: its size is what is wrong with it.
  if (bytes.length <= maxBobfileBytes && (!isUtf8(bytes) || bytes.includes(0)))
    throw new BobfileError(path, [{ place: '', problem: 'is no UTF-8 text: save it as one' }]);
  return bytes.toString();
}
