/** All names at the prompt, in the order in which help() lists them. */
import { answerCommands } from './answers.ts';
import type { Command, Surroundings } from './command.ts';
import { editCommands } from './edits.ts';
import { entryCommands } from './entries.ts';
import { helpCommand } from './help.ts';
import { keyCommands } from './keys.ts';
import { stateCommands } from './state.ts';

/** The names at the prompt, all working on one splice. */
export function createCommands(surroundings: Surroundings): Command[] {
  const commands = [
    ...entryCommands(surroundings),
    ...answerCommands(surroundings),
    ...keyCommands(),
    ...editCommands(surroundings),
    ...stateCommands(surroundings),
  ];
  return [...commands, helpCommand(commands)];
}
