/** Whether there is somebody at a terminal that a full-screen view can be drawn on. */
export function hasTerminal({ stdin, stdout, env }: NodeJS.Process = process): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb';
}
