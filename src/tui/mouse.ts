/** The mouse, as terminals report it (SGR mode 1006, xterm's ctlseqs). */

/** A click, or a turn of the wheel; `x` and `y` count from 0 at the top left. */
export interface MouseEvent {
  readonly kind: 'click' | 'wheelUp' | 'wheelDown';
  readonly x: number;
  readonly y: number;
}

/** Asks for reports of buttons, in the form that has no limit of columns; and for none any more. */
export const MOUSE_ON = '\u001b[?1000h\u001b[?1006h';
export const MOUSE_OFF = '\u001b[?1006l\u001b[?1000l';

// biome-ignore lint/suspicious/noControlCharactersInRegex: reports begin with ESC
const REPORT = /\u001b\[<(\d+);(\d+);(\d+)([Mm])/g;

/** The reports in what a terminal sent; whatever else it sent is none of ours. */
export function mouseEvents(input: string): MouseEvent[] {
  return [...input.matchAll(REPORT)].flatMap(([, button, x, y, end]) => {
    const kind = kindOf(Number(button), end === 'M');
    return kind ? [{ kind, x: Number(x) - 1, y: Number(y) - 1 }] : [];
  });
}

/** Bits 2 to 4 of the button are Shift, Meta and Ctrl. */
function kindOf(button: number, isPress: boolean): MouseEvent['kind'] | null {
  if (!isPress) return null;
  switch (button & ~0b11100) {
    case 0:
      return 'click';
    case 64:
      return 'wheelUp';
    case 65:
      return 'wheelDown';
    default:
      return null;
  }
}
