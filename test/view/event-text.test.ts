import { expect, test } from 'vitest';
import type { SpliceEvent } from '../../src/core/index.ts';
import { eventText } from '../../src/view/event-text.ts';

const event: SpliceEvent = {
  ...{ type: 'left', atMs: 0, key: '10.0.0.1:5000->10.0.0.2:80', cookie: '1' },
  ...{ reason: 'bypass', leaveReason: null, keptOutReason: null, bytes: null, turnaroundUs: null },
};

test.each([
  [{}, 'left the map, goes on by TCP'],
  [{ leaveReason: 'fallbacks' }, 'left the map, goes on by TCP: kept falling back'],
  [{ leaveReason: 'smallMessages' }, 'left the map, goes on by TCP: streams small messages'],
  [{ leaveReason: 'edgeTriggered' }, 'left the map, goes on by TCP: its reader is edge-triggered'],
  [{ type: 'fellBack', reason: 'order' }, 'fell back to TCP: order'],
  [{ type: 'closed', reason: null }, 'closed'],
  [{ type: 'closed', reason: 'noPeer' }, 'left: its peer is not local'],
  [{ type: 'message', reason: null, bytes: 64 }, 'message redirected, 64 B'],
  [{ type: 'message', bytes: 64, turnaroundUs: 12.34 }, "message by TCP: bypass, 64 B, 12.3 µs after its peer's"],
] as const)('%j', (fields, text) => {
  expect(eventText({ ...event, ...fields })).toBe(text);
});
