/** Names about the splice as a whole. */
import type { Mode } from '../../core/index.ts';
import type { Command, Surroundings } from './command.ts';

export function stateCommands({ splice, journal, console }: Surroundings): Command[] {
  return [
    {
      name: 'mode',
      usage: 'mode(name?)',
      summary: "shows or flips the live switch: 'guarded' or 'bypass'",
      details: `'bypass' lets every message pass to TCP; nothing is removed. 'guarded' redirects again. undo() flips it
back. Without parentheses: mode, mode bypass.`,
      example: "mode('bypass')",
      argument: 'mode',
      bare: true,
      value: (name?: Mode | 'bypass') => {
        const before = splice.mode();
        if (name === undefined) return before;
        const now = splice.setMode(name);
        if (now === before) {
          console.say(`It was ${now} before: nothing changed.`);
          return now;
        }
        journal.note({
          what: `mode('${now}')`,
          undo: async () => `The mode is ${splice.setMode(before)} again.`,
        });
        console.say(
          now === 'bypass'
            ? `Every message goes by TCP from now on; what is queued is still read, and no entry is removed. undo() or mode('${before}') redirects again.`
            : "Messages are redirected again, each connection from the moment on when all that went by TCP is read. undo() or mode('bypass') stops it.",
        );
        return now;
      },
    },
    {
      name: 'status',
      usage: 'status()',
      summary: 'what is loaded, where it is attached, totals',
      details: '{ loaded: false } when nothing is up.',
      example: 'status()',
      bare: true,
      value: () => splice.status(),
    },
    {
      name: 'splice',
      usage: 'splice',
      summary: 'the object behind all of these',
      details: 'Its methods take the same keys; Tab after splice. lists them. docs/library.md explains each.',
      example: 'splice.pin',
      value: splice,
    },
  ];
}
