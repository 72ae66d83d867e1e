/** Borrows the terminal for a full-screen view, and gives it back as it was, however the view ends. */
import { render } from 'ink';
import type { ReactNode } from 'react';
import { MOUSE_OFF, MOUSE_ON } from './mouse.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Leaves the alternate screen, shows the cursor, ends bracketed paste and colours. */
const RESTORE = '\u001b[?2004l\u001b[?1049l\u001b[?25h\u001b[0m';

export interface FullScreenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the terminal is asked to report what the mouse does. */
  readonly mouse: boolean;
}

/**
 * Shows `view` until it exits by itself, `signal` aborts, the process gets a signal that ends it, or
 * the terminal goes away. Throws what is thrown meanwhile, anywhere in the process, after the
 * terminal was given back.
 */
export async function showFullScreen(view: ReactNode, { signal, mouse }: FullScreenOptions): Promise<void> {
  if (signal?.aborted) return;
  const { stdin, stdout } = process;
  const ended = Promise.withResolvers<void>();
  let leave = () => ended.resolve();
  const crash = (error: unknown) => {
    if (!isHangUp(error)) ended.reject(error);
    leave();
  };
  const quit = () => leave();

  for (const name of SIGNALS) process.on(name, quit);
  process.on('uncaughtException', crash);
  signal?.addEventListener('abort', quit);
  for (const stream of [stdin, stdout]) stream.on('error', quit);
  stdin.on('end', quit);
  try {
    // Ink does it after the first frame; until then the terminal would echo keys into the picture.
    if (stdin.isTTY) stdin.setRawMode(true);
    // Those that were pressed before that moved the cursor, and the picture begins where it is.
    stdout.write('\r');
    const ink = render(view, {
      alternateScreen: true,
      incrementalRendering: true,
      interactive: true,
      maxFps: 60,
    });
    if (mouse) stdout.write(MOUSE_ON);
    leave = () => {
      try {
        ink.unmount();
      } catch (error) {
        // Ink's own way out is what failed.
        if (stdout.writable) stdout.write(RESTORE);
        ended.reject(error);
      }
    };
    ink.waitUntilExit().then(() => ended.resolve(), ended.reject);
    await ended.promise;
  } finally {
    if (mouse && stdout.writable) stdout.write(MOUSE_OFF);
    if (stdin.isTTY) stdin.setRawMode(false);
    for (const name of SIGNALS) process.off(name, quit);
    process.off('uncaughtException', crash);
    signal?.removeEventListener('abort', quit);
    for (const stream of [stdin, stdout]) stream.off('error', quit);
    stdin.off('end', quit);
  }
}

/** Whether the error says that the terminal is gone: then there is nobody left to tell. */
function isHangUp(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'EIO' && (syscall === 'write' || syscall === 'read');
}
