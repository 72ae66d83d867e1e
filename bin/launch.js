/**
 * What the three commands share. Plain JavaScript with nothing newer in it than import(), so that an
 * old Node.js gets as far as saying that it is too old.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST = [22, 18];
const BUILD = 'in a clone: npm run build';

/** The first write that failed although somebody wanted to read it. */
let notWritten = null;

/**
 * Runs the function `name` of a module of dist/ with the arguments of the command line, and exits
 * with the status that it resolves to. Exit 3 when Node.js is too old or dist/ is not built.
 */
export function launch(module, name) {
  outliveWrites();
  if (isTooOld()) {
    return refuse(
      'NODE_TOO_OLD',
      `this needs Node.js ${OLDEST.join('.')} or newer, this is ${process.versions.node}`,
      'a newer Node.js first in PATH; in a clone run bin/splice, which brings one along',
    );
  }
  const url = new URL(`../dist/${module}`, import.meta.url);
  if (!existsSync(url)) return refuse('NOT_BUILT', `${fileURLToPath(url)} is missing`, BUILD);
  return import(url.href).then((main) => main[name](process.argv.slice(2))).then(leave, report);
}

/**
 * Whoever reads our output may stop, or the terminal go away: that must not end a command half way
 * through its work, and is no failure of it. A full disk does not end it either, but is told.
 */
function outliveWrites() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      const isReaderGone = error.code === 'EPIPE' || (error.code === 'EIO' && stream.isTTY);
      if (!isReaderGone && notWritten === null) notWritten = error;
    });
  }
}

function isTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** What goes wrong while loading; the commands print their own errors. */
function report(error) {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return refuse('NOT_BUILT', error.message.split('\n')[0], BUILD);
  complain('UNEXPECTED', error.message, 'the same with DEBUG=splice, and report what it prints', error);
  return leave(1);
}

function refuse(code, message, remedy) {
  complain(code, message, remedy);
  return leave(3);
}

function complain(code, message, remedy, error) {
  const stack = error && process.env.DEBUG === 'splice' ? `${error.stack}\n` : '';
  process.stderr.write(`error[${code}]: ${message}\ntry: ${remedy}\n${stack}`);
}

/** Exits once everything is written, whatever is still open: 1 if it was not, when the rest went well. */
function leave(status) {
  afterWrites(() => {
    if (notWritten === null) process.exit(status);
    complain('NOT_WRITTEN', `output is lost: ${notWritten.message}`, 'the same with its output elsewhere', notWritten);
    afterWrites(() => process.exit(status || 1));
  });
}

function afterWrites(next) {
  // A stream tells of its error after the callbacks of its writes.
  afterWritesOf(process.stdout, () => afterWritesOf(process.stderr, () => setImmediate(next)));
}

function afterWritesOf(stream, next) {
  // To a full disk even an empty write is one too many.
  if (stream.writableLength === 0) next();
  else stream.write('', next);
}
