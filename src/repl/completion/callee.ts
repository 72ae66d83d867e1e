/** Finds what is called at the end of a text. */

/** The name of the function that the last call in the text calls, and what stands before it; null when none is found. */
export function calleeBefore(text: string): { name: string; before: string } | null {
  const open = openingOf(text);
  if (open === null) return null;
  const [name] = /[A-Za-z_$][\w$]*$/.exec(text.slice(0, open)) ?? [];
  return name === undefined ? null : { name, before: text.slice(0, open - name.length) };
}

/** Where the parenthesis opens that the last character closes, quotes skipped. */
function openingOf(text: string): number | null {
  const opened: number[] = [];
  let quote: string | null = null;
  let last: number | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== null) {
      if (character === '\\') at++;
      else if (character === quote) quote = null;
    } else if (/['"`]/.test(character)) quote = character;
    else if (character === '(') opened.push(at);
    else if (character === ')') last = opened.pop() ?? null;
  }
  return quote === null ? last : null;
}
