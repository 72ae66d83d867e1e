/** Prints whether redirected bytes are counted, as far as it can be found out where this process runs. */
import { loadObject } from '../../src/core/libbpf.ts';
import { objectPath } from '../../src/core/objects.ts';
import { isQueueCounted } from '../../src/core/queue-count.ts';

process.stdout.write(String(isQueueCounted(() => loadObject(objectPath('naive'), {}, {}))));
