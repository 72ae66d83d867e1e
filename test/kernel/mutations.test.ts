/** Each rule is needed: without it a racer goes wrong, and with it the same racer does not. */
import { describe, expect, test, vi } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { allOf, MutatedTree, type Mutation, replaceBody, replaceText } from '../support/mutation.ts';
import * as bytes from '../support/racers/bytes.ts';
import * as edge from '../support/racers/edge.ts';
import * as edits from '../support/racers/edits.ts';
import * as entering from '../support/racers/entering.ts';
import * as leaving from '../support/racers/leaving.ts';
import * as others from '../support/racers/others.ts';
import type { Racer } from '../support/racers/racer.ts';

vi.mock('../../src/core/libbpf.ts', async (original) => {
  const { mutatedLibbpf } = await import('../support/mutation.ts');
  return mutatedLibbpf(await original());
});

/** A rule, the programs without it, what it is there for, and what is seen when it is not. */
type Row = readonly [rule: string, without: Mutation, racer: Racer, wrong: RegExp];

const RULES: readonly Row[] = [
  ['order', replaceBody('all_was_read', 'return true;'), bytes.overtaking, /another order/],
  ['sleeper', replaceBody('nobody_is_in_tcp', 'return true;'), bytes.waitingForAll, /not woken/],
  ['handover', replaceBody('was_handed_over', 'return true;'), bytes.adoptingABusyReader, /sleeps on/],
  ['room', replaceBody('has_room', 'return true;'), bytes.flooding, /bytes waited/],
  [
    'room: what a message takes besides',
    replaceBody('bytes_besides', 'return 0;'),
    bytes.floodingWithCrumbs,
    /messages waited/,
  ],
  ['pair', replaceBody('is_pair', 'return true;'), bytes.crossingNamespaces, /8 bytes crossed/],
  [
    'presence',
    replaceText('SK_PASS) reason = PASS_NO_PEER;', 'SK_PASS) return SK_DROP;'),
    bytes.losingThePeer,
    /EACCES/,
  ],
  ['closing', replaceBody('may_send', 'return true;'), bytes.sendingAfterTheEnd, /behind the end/],
];

const READERS: readonly Row[] = [
  ['edge: epoll', replaceBody('is_edge_triggered', 'return false;'), edge.sendingBehindARedirect('epoll'), /waits/],
  [
    'edge: SIGIO',
    replaceText('.edge_triggered = READ(struct socket_wq, queue, fasync_list) != NULL', '.edge_triggered = false'),
    edge.sendingBehindARedirect('sigio'),
    /waits/,
  ],
  [
    'edge: readers of no known kind',
    replaceText('if (!WAKE.sleeper || wake != WAKE.sleeper) found->edge_triggered = true;', ''),
    edge.sendingBehindARedirect('uring'),
    /waits/,
  ],
  [
    'edge: all by redirect, or nothing',
    replaceBody('for_edge_readers', 'return is_on ? reason : PASS_BYPASS;'),
    edge.sendingBehindARedirect('epoll'),
    /waits/,
  ],
];

const ENTRIES: readonly Row[] = [
  ['options: set before', replaceBody('asks_for_tcp', 'return false;'), entering.askingForMore('early'), /not told/],
  ['options: set later', replaceBody('note_option', 'return true;'), entering.askingForMore('late'), /not told/],
  ['options: TCP from then on', replaceBody('wants_tcp', 'return false;'), entering.askingForMore('late'), /not told/],
  ['no kTLS on an entry', replaceBody('note_option', 'return true;'), entering.layering, /ENOTSUP/],
  [
    'used again: disconnected',
    replaceBody('is_disconnected', 'return false;'),
    entering.usingAgain('read'),
    /wrong bytes/,
  ],
  ['used again: connect', replaceBody('may_connect', 'return true;'), entering.usingAgain('connect'), /wrong bytes/],
  ['used again: after a reset', replaceBody('forget_former', ''), entering.usingAgain('reset'), /wrong bytes/],
  ['crowd', replaceBody('fits_bucket', 'return true;'), entering.crowding, /40 entries/],
  ['other sockmaps', replaceBody('is_taken', 'return false;'), others.readingBefore, /got an entry/],
];

const EDITS: readonly Row[] = [
  ['bypass', replaceBody('traffic', 'return TRAFFIC_REDIRECT;'), edits.bypassing, /were redirected/],
  [
    'drain: one entry',
    // The key rule looks once more, for a drain that begins while a message is judged.
    allOf(
      replaceText('|| (peer->flags & ENDPOINT_DRAIN)', ''),
      replaceText('&& !(*(volatile __u32 *)&peer->flags & ENDPOINT_DRAIN)', ''),
    ),
    edits.removingOne,
    /were redirected/,
  ],
  ['drain: all of them', replaceText('now == TRAFFIC_DRAIN ||', ''), edits.removingAll, /were redirected/],
  ['drain: no new entries', replaceText('traffic() == TRAFFIC_DRAIN ||', ''), edits.connectingMeanwhile, /an entry/],
];

const LEAVING: readonly Row[] = [
  ['nothing is queued', replaceBody('can_leave', 'return true;'), leaving.streamingUnread, /lost/],
  [
    'the other end follows when its peer has left',
    replaceText('|| psock_in((__u64)READ(struct sock, own, sk_user_data))', ''),
    leaving.answeringMeanwhile,
    /answers are lost/,
  ],
];

const CALLBACK_FLAGS: readonly Row[] = [
  [
    'those of others stay',
    replaceBody('ask_for_events', 'bpf_sock_ops_cb_flags_set(ctx, TCP_SENDS | STATE_CHANGES); mine->asked = ~0U;'),
    others.listeningToRoundTrips,
    /round trips/,
  ],
  [
    'those that are wiped are asked for again',
    replaceText('if (!missing) return;', 'if (!missing || mine->asked) return;'),
    others.wipingOurFlags,
    /records stay/,
  ],
  [
    'only our own are taken back',
    replaceBody('stop_asking', 'bpf_sock_ops_cb_flags_set(ctx, 0);'),
    others.listeningToABystander,
    /round trips/,
  ],
];

async function race(racer: Racer): Promise<string | null> {
  await using bed = new TestBed();
  return await racer(bed);
}

describeKernel('the rule of', () => {
  describe.each([
    ['a message', RULES],
    ['readers that are told once', READERS],
    ['entries', ENTRIES],
    ['the switch', EDITS],
    ['leaving', LEAVING],
    ['callback flags', CALLBACK_FLAGS],
  ])('%s:', (_kind, rows) => {
    test.each(rows)('%s', async (_rule, without, racer, wrong) => {
      expect(await race(racer), 'with it').toBeNull();
      using _tree = new MutatedTree(without);
      expect(await race(racer), 'without it').toMatch(wrong);
    });
  });
});
