/** The node:repl server that every session, at a terminal or not, evaluates in. */
import { type REPLServer, type ReplOptions, start } from 'node:repl';
import type { Command } from './commands/command.ts';

/** A server whose context has the commands as globals, and keeps them after `.clear`. */
export function startServer(commands: readonly Command[], options: ReplOptions): REPLServer {
  const server = start({
    ...options,
    ignoreUndefined: true,
    // A preview evaluates what is still being typed.
    preview: false,
    // Ctrl-C ends a loop at the prompt; without a terminal it ends the process, as everywhere.
    breakEvalOnSigint: options.terminal === true,
  });
  const define = () => {
    for (const { name: own, aliases = [], value } of commands) {
      for (const name of [own, ...aliases]) {
        Object.defineProperty(server.context, name, { value, writable: true, configurable: true, enumerable: true });
      }
    }
  };
  define();
  server.on('reset', define);
  return server;
}
