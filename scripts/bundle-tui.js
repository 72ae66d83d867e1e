/**
 * Puts what the live view is made of, Ink and React included, into a few files in place of the hundreds
 * that tsc and the packages have: it starts in half the time, and a package installs without them. What
 * lies outside dist/tui stays where it is. The licences of what is in there lie beside it.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const VIEW = join(ROOT, 'dist/tui');
const LICENCES = join(VIEW, 'LICENSES.txt');
/** Ink loads it only for its own developers. */
const NEVER_LOADED = 'react-devtools-core';

const bundle = await rolldown({
  input: { main: join(VIEW, 'main.js') },
  platform: 'node',
  external: (id, importer) => id === NEVER_LOADED || leadsOut(id, importer),
  // React decides by this whether it checks everything twice.
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
});
const { output } = await bundle.generate({ format: 'esm' });

for (const file of readdirSync(VIEW, { recursive: true })) if (file.endsWith('.js')) rmSync(join(VIEW, file));
for (const { fileName, code } of output) writeFileSync(join(VIEW, fileName), code);
writeFileSync(LICENCES, licences(output.flatMap((chunk) => chunk.moduleIds)));

/** Whether one of our own modules imports another one that is not of the live view. */
function leadsOut(id, importer) {
  if (!id.startsWith('.') || !importer?.startsWith(VIEW + sep)) return false;
  return !join(dirname(importer), id).startsWith(VIEW + sep);
}

/** The licences of the packages that these modules are from. */
function licences(modules) {
  const folders = modules.map((module) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0]);
  const packages = [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
  return packages.map(licence).join(`\n${'-'.repeat(72)}\n\n`);
}

/** A package's own words; yoga-layout has no file with them, and says what it is in its package.json. */
function licence(folder) {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `by ${author}: ${repository.url}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}
