/** The questions that stand in the footer. */
import { printable, type Status } from '../core/index.ts';
import type { Commands } from './commands.ts';
import { askLine, type Prompt } from './prompt.ts';
import type { Identity } from './rows/selection.ts';

/** Whether an entry is to be taken out. */
export function askToRemove(entry: Identity, commands: Commands): Prompt {
  return {
    kind: 'choice',
    question: {
      text: `Take ${printable(entry.key)} out of the map? It goes on by TCP.`,
      choices: [
        { key: 'y', label: 'yes', act: () => void commands.remove(entry) },
        { key: 'n', label: 'no' },
      ],
    },
  };
}

/** Which mode the splice is to have. */
export function askForMode({ mode }: Extract<Status, { loaded: true }>, commands: Commands): Prompt {
  return {
    kind: 'choice',
    question: {
      text: 'Mode:',
      choices: [
        { key: 'b', label: 'bypass, all by TCP', act: () => commands.setMode('bypass') },
        { key: mode.charAt(0), label: `${mode}, redirecting`, act: () => commands.setMode(mode) },
        { key: 'Esc', label: 'as it is' },
      ],
    },
  };
}

/** Where the rows are to be written. */
export function askWhereToSave(commands: Commands): Prompt {
  return askLine({
    label: 'save the rows as:',
    text: 'splice-entries.json',
    hint: 'a new file; CSV when its name ends in .csv, else JSON; Esc goes back',
    accept: (path) => commands.save(path),
  });
}
