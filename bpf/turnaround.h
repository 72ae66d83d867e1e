/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Turnaround: from the last message of one end to the first that its peer
 * sends after it. It is taken whether messages are redirected or not, so that
 * before and after can be compared; a pair of which one was redirected and
 * one went by TCP counts for neither. Not every turn is timed (turn.h), but
 * each one of a connection that is traced. Nothing is judged by it.
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

/*
 * A message of `self` answers one of its peer that was sent `ns` before, or
 * none when that is 0. It is counted in the peer's record, where nobody else
 * counts: it is under the lock of `self`.
 */
static __always_inline void count_turnaround(const struct endpoint *self,
					     struct endpoint *peer, __u64 ns)
{
	bool redirected = self->verdict == VERDICT_REDIRECTED;
	struct turnaround *times, *all;
	__u32 bucket;

	if (!peer || !ns ||
	    redirected != (peer->verdict == VERDICT_REDIRECTED))
		return;
	bucket = bucket_of(ns);
	if (bucket >= DURATIONS)
		return;
	if (!redirected)
		bucket += DURATIONS;
	times = &((struct endpoint_record *)peer)->times;
	times->counts[bucket]++;
	all = bpf_map_lookup_elem(&turnaround_totals, &ONLY);
	if (all)
		__sync_fetch_and_add(&all->counts[bucket], 1);
}
