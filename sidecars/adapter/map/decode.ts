import { isAscii } from 'node:buffer';

/**
 * Node keeps texts of more than a million bytes outside of the heap (EXTERN_APEX in its
 * `string_bytes.cc`), where the engine frees them by full collections alone. What is joined of shorter
 * ones goes with the young.
 */
const pieceBytes = 2 ** 19;

/** The text of a document in UTF-8, without its byte order mark. Most documents are ASCII. */
export function decodeText(bytes: Buffer): string {
  if (!isAscii(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  let text = '';
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    text += bytes.toString('latin1', at, at + pieceBytes);
  }
  return text;
}
