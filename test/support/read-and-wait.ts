/** Reads events, traces one entry, and stays, to be killed. Arguments: the pin directory, the key. */
import { openSplice } from '../../src/core/index.ts';

const [pin = '', key = ''] = process.argv.slice(2);
openSplice({ pin }).events().trace(key, true);
process.stdout.write('reading\n');
setInterval(() => {}, 1000);
