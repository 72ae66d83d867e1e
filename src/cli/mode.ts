/** `splice mode` */
import type { Command } from 'commander';
import { openSplice } from '../core/index.ts';
import { createCommand } from './usage.ts';

export function modeCommand(): Command {
  return createCommand('mode')
    .description('Show the live switch, or flip it: bypass, or the mode that was loaded.')
    .argument('[name]', 'bypass, or guarded (naive, if that was loaded)')
    .action((name: string | undefined, { pin }: { pin: string }) => {
      using splice = openSplice({ pin });
      process.stdout.write(`${name === undefined ? splice.mode() : splice.setMode(name)}\n`);
    });
}
