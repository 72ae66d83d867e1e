/** Where Tab looks things up. */
import type { REPLServer } from 'node:repl';
import { MODES, type Splice } from '../../core/index.ts';
import type { Command } from '../commands/command.ts';
import { EntryList } from '../values/entry-list.ts';
import type { Variables } from '../variables.ts';
import { type CompletionSources, wantsKey } from './complete.ts';
import { LiveKeys } from './live-keys.ts';
import { memberNames } from './members.ts';

interface Surroundings {
  splice: Splice;
  commands: readonly Command[];
  server: REPLServer;
  variables: Variables;
}

/** What the completion of a prompt knows; `methods` are those of our own objects. */
export function completionSources({ splice, commands, server, variables }: Surroundings): CompletionSources & {
  methods: () => string[];
  /** To be called with the line at each key that is pressed. */
  typed: (line: string) => void;
} {
  const keys = new LiveKeys(splice);
  return {
    commands,
    liveKeys: () => keys.list(),
    modes: [...MODES, 'bypass'],
    globals: () => variables.names(),
    valueOf: (name) => variables.valueOf(name),
    dotCommands: () => Object.keys(server.commands).map((name) => `.${name}`),
    typed: (line) => {
      if (wantsKey(line, commands)) keys.freshen();
    },
    methods: () => [...memberNames(EntryList.prototype), ...memberNames(splice)],
  };
}
