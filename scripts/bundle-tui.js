/**
 * Puts what the live view is made of, Ink and React included, into a few files in place of the hundreds
 * that tsc and the packages have: it starts in half the time, and a package installs without them. What
 * lies outside dist/tui stays where it is. The licences of what is in there lie beside it.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const VIEW = join(ROOT, 'dist/tui');
const LICENCES = join(VIEW, 'LICENSES.txt');

const bundle = await rolldown({
  input: { main: join(VIEW, 'main.js') },
  platform: 'node',
  external: leadsOut,
  // React decides by this whether it checks everything twice.
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  plugins: [{ name: 'without-devtools', transform: withoutDevtools }],
});
const { output } = await bundle.generate({ format: 'esm' });
checkImports(output);

for (const file of readdirSync(VIEW, { recursive: true })) if (file.endsWith('.js')) rmSync(join(VIEW, file));
for (const { fileName, code } of output) writeFileSync(join(VIEW, fileName), code);
writeFileSync(LICENCES, licences(output.flatMap((chunk) => chunk.moduleIds)));

/** With DEV=true in the environment Ink loads a tool for its own developers, from any folder above this one. */
function withoutDevtools(code, id) {
  return id.includes('/node_modules/ink/') ? code.replaceAll("process.env['DEV'] === 'true'", 'false') : null;
}

/** What is in no chunk must be of Node.js, or of ours: a package that is looked for may be anybody's. */
function checkImports(chunks) {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  for (const { fileName, code, imports, dynamicImports } of chunks) {
    const foreign = [...imports, ...dynamicImports].find((id) => !own.has(id) && !isBuiltin(id) && !id.startsWith('.'));
    if (foreign !== undefined) throw new Error(`${fileName} loads ${foreign}, which is not in the bundle`);
    if (code.includes('import.meta.resolve')) throw new Error(`${fileName} looks for packages`);
  }
}

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
