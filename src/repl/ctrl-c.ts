/** Ctrl-C at the prompt: it cancels, and never leaves. */
import type { REPLServer } from 'node:repl';
import type { Evaluator } from './evaluator.ts';

/**
 * node:repl leaves at the second Ctrl-C on an empty line; to it, a line with a blank is not empty.
 * While code runs it handles the signal itself: a listener of ours on the process would disarm that.
 */
export function stayOnCtrlC(server: REPLServer, evaluator: Evaluator): void {
  const [cancel] = server.listeners('SIGINT') as (() => void)[];
  server.removeAllListeners('SIGINT');
  server.on('SIGINT', () => {
    // It came as a signal while code was running that has ended by itself.
    if (evaluator.running) return;
    if (!evaluator.busy && server.line === '') {
      server.write(' ');
      server.output.write('(Ctrl-D leaves)');
    }
    cancel?.call(server);
  });
}
