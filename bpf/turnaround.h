/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Turnaround: from the last message of one end to the first that its peer
 * sends after it. It is taken whether messages are redirected or not, so that
 * before and after can be compared; a pair of which one was redirected and
 * one went by TCP counts for neither. Nothing is judged by it.
 */
#pragma once

#include "maps.h"

/* Those of all sockets, those that are gone included. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct turnaround);
} turnaround_totals SEC(".maps");

#define SHORTEST_DURATION_BITS 10

/* The bucket of a duration: where its highest bit is. */
static __always_inline __u32 bucket_of(__u64 ns)
{
	__u64 rest = ns >> SHORTEST_DURATION_BITS;
	__u32 bucket = 0;

	if (rest >> DURATIONS)
		return DURATIONS - 1;
	for (__u32 half = 16; half; half /= 2) {
		if (rest >> half) {
			rest >>= half;
			bucket += half;
		}
	}
	return bucket;
}

static __always_inline void count_turnaround(struct endpoint *end,
					     bool redirected, __u64 ns)
{
	struct turnaround *times = &((struct endpoint_record *)end)->times;
	struct turnaround *all = bpf_map_lookup_elem(&turnaround_totals, &ONLY);
	__u32 bucket = bucket_of(ns);

	if (bucket >= DURATIONS)
		return;
	if (!redirected)
		bucket += DURATIONS;
	times->counts[bucket]++;
	if (all)
		__sync_fetch_and_add(&all->counts[bucket], 1);
}

/*
 * Notes that `self` sends, and what became of it. When that answers its peer,
 * the time since the peer's message is counted in the peer's record, where
 * nobody else counts: it is under the lock of `self`.
 * Returns that time in ns, 0 when it answers nothing.
 */
static __always_inline __u64 note_message(struct endpoint *self,
					  struct endpoint *peer, __u32 bytes,
					  __u8 verdict)
{
	bool redirected = verdict == VERDICT_REDIRECTED;
	__u64 before = self->sent_ns, asked = peer ? peer->sent_ns : 0;
	__u64 now = bpf_ktime_get_ns();

	if (!before || asked > before) {
		self->turn = (struct mark){};
		self->turn_ns = now;
	}
	self->turn.messages++;
	self->turn.bytes += bytes;
	self->sent_ns = now;
	if (self->verdict != verdict) {
		self->verdict = verdict;
		self->verdict_ns = now;
	}
	if (!peer || asked <= before || asked >= now)
		return 0;
	if (redirected == (peer->verdict == VERDICT_REDIRECTED))
		count_turnaround(peer, redirected, now - asked);
	return now - asked;
}
