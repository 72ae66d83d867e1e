/** What older kernels lack, left out on this one: the programs must load without it, too. */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'vitest';
import { loadObject } from '../../src/core/libbpf.ts';
import { objectPath } from '../../src/core/objects.ts';
import { describeKernel } from '../setup/kernel-gate.ts';

const objects = readdirSync(dirname(objectPath('guarded'))).filter((file) => file.endsWith('.bpf.o'));

describeKernel('without bpf_rdonly_cast, which came with Linux 6.2', () => {
  test.each(objects)('%s loads', (file) => {
    loadObject(objectPath(basename(file, '.bpf.o')), {}, { '.rodata.cast': () => [0n] }).close();
  });
});
