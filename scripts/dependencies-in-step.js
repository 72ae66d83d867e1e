/** Exits 0 when node_modules has what package-lock.json says, else 1. Any Node can run it. */
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** The `packages` of a lock file: path -> { version, integrity, optional }. */
function packagesOf(file) {
  return JSON.parse(readFileSync(new URL(file, root), 'utf8')).packages;
}

function isInStep() {
  // npm writes this one last, about what it really installed.
  if (!existsSync(new URL('node_modules/.package-lock.json', root))) return false;
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([path, wanted]) => {
    const found = installed[path];
    if (path === '') return true;
    if (!found) return wanted.optional === true; // for another platform
    return found.version === wanted.version && found.integrity === wanted.integrity && existsSync(new URL(path, root));
  });
}

process.exitCode = isInStep() ? 0 : 1;
