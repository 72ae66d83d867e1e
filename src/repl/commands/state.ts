/** Names about the splice as a whole. */
import type { Mode, Splice } from '../../core/index.ts';
import type { Command } from './command.ts';

export function stateCommands(splice: Splice): Command[] {
  return [
    {
      name: 'mode',
      usage: 'mode(name?)',
      summary: "shows or flips the live switch: 'guarded' or 'bypass'",
      details: `'bypass' lets every message pass to TCP; nothing is removed. 'guarded' redirects again.`,
      example: "mode('bypass')",
      argument: 'mode',
      value: (name?: Mode | 'bypass') => (name === undefined ? splice.mode() : splice.setMode(name)),
    },
    {
      name: 'status',
      usage: 'status()',
      summary: 'what is loaded, where it is attached, totals',
      details: '{ loaded: false } when nothing is up.',
      example: 'status()',
      value: () => splice.status(),
    },
    {
      name: 'splice',
      usage: 'splice',
      summary: 'the object behind all of these',
      details: 'Its methods take the same keys; Tab after splice. lists them.',
      example: 'splice.pin',
      value: splice,
    },
  ];
}
