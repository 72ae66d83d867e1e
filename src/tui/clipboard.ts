/** The clipboard of whoever sits at the terminal, wherever that is. */

/** Asks the terminal to copy a text (OSC 52, xterm's ctlseqs); those that do not allow it ignore it. */
export function copySequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
}
