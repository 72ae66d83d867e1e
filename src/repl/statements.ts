/** Standard input cut where someone typing it would see an answer. */

/** How a line begins that goes on with the one before it. */
const GOES_ON = /^\s*(\.(?![\d.])|[?)\]},;:*%=<>&|^]|\+(?!\+)|-(?!-)|\/(?![/*])|(else|catch|finally|instanceof|in)\b)/;

/**
 * The text in pieces of whole lines; a piece may still be the beginning of a statement, which only
 * evaluation can tell. Joined they are the text.
 */
export function splitLines(text: string): string[] {
  const pieces: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const last = pieces.length - 1;
    if (last >= 0 && (line.trim() === '' || GOES_ON.test(line))) pieces[last] += line;
    else pieces.push(line);
  }
  return pieces;
}
