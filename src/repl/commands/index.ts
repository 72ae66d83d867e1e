/** All names at the prompt, in the order in which help() lists them. */
import type { Splice } from '../../core/index.ts';
import type { PendingEdits } from '../pending-edits.ts';
import type { Command } from './command.ts';
import { editCommands } from './edits.ts';
import { entryCommands } from './entries.ts';
import { helpCommand } from './help.ts';
import { keyCommands } from './keys.ts';
import { stateCommands } from './state.ts';

/** The names at the prompt, all working on one splice; what edits it is noted in `edits`. */
export function createCommands(splice: Splice, edits: PendingEdits): Command[] {
  const commands = [
    ...entryCommands(splice),
    ...keyCommands(),
    ...editCommands(splice, edits),
    ...stateCommands(splice),
  ];
  return [...commands, helpCommand(commands)];
}
