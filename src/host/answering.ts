/** The other side of HostProcess: how a program of ours answers the process that started it. */

/**
 * Says that the program is ready, and answers questions one after the other. It ends with its parent,
 * and when an answer fails.
 */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question: Question) => {
    answer(question).then((value) => process.send?.(value), fail);
  });
  process.send?.('ready');
}

/** Ends the program with one line that says why. */
export function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
