/**
 * What the three commands share. Plain JavaScript with nothing newer in it than import(), so that an
 * old Node.js gets as far as saying that it is too old.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OLDEST = [22, 18];
const BUILD = 'in a clone: npm run build';

/**
 * Runs the function `name` of a module of dist/ with the arguments of the command line, and exits
 * with the status that it resolves to. Exit 3 when Node.js is too old or dist/ is not built.
 */
export function launch(module, name) {
  outliveReaders();
  if (isTooOld()) {
    return refuse(
      'NODE_TOO_OLD',
      `this needs Node.js ${OLDEST.join('.')} or newer, this is ${process.versions.node}`,
      'a newer Node.js first in PATH; in a clone npx brings one along: npx splice --help',
    );
  }
  const url = new URL(`../dist/${module}`, import.meta.url);
  if (!existsSync(url)) return refuse('NOT_BUILT', `${fileURLToPath(url)} is missing`, BUILD);
  // React decides by this, when it is loaded, whether it checks everything twice.
  if (!process.env.NODE_ENV) process.env.NODE_ENV = 'production';
  return import(url.href).then((main) => main[name](process.argv.slice(2))).then(leave, report);
}

/** Whoever reads our output may stop: that must not end a command half way through its work. */
function outliveReaders() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
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
  process.stderr.write(`error[UNEXPECTED]: ${process.env.DEBUG === 'splice' ? error.stack : error.message}\n`);
  return leave(1);
}

function refuse(code, message, remedy) {
  process.stderr.write(`error[${code}]: ${message}\ntry: ${remedy}\n`);
  return leave(3);
}

/** Exits once everything is written, whatever is still open. */
function leave(status) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}
