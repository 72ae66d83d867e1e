/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Events: what happens to entries, told to whoever listens. Each reader has a
 * ring buffer of its own, in the slot that it took, so that every one gets
 * everything. A message that changes nothing costs a comparison; the rings
 * are looked for only when there is something to tell.
 */
#pragma once

#include "maps.h"

#define RING_BYTES (64 * 1024) /* user space makes them larger */

struct event_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, EVENT_READERS);
	__type(key, __u32);
	__array(values, struct event_ring);
} event_readers SEC(".maps");

/* How many each reader missed because its ring was full; it only grows. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EVENT_READERS);
	__type(key, __u32);
	__type(value, __u64);
} lost_events SEC(".maps");

#define ALL_READERS ((1 << EVENT_READERS) - 1)

/* At most so often an entry tells that its messages fell back, or came back. */
#define TELL_EVERY_NS (100 * 1000 * 1000)

/*
 * Readers look by themselves: nobody is woken. `readers` has a bit for each.
 * An event without a time gets it here: most of the time nobody reads.
 */
static __noinline int publish(struct event *event, __u32 readers)
{
	for (int bit = 0; bit < EVENT_READERS; bit++) {
		__u32 reader = bit;
		__u64 *lost;
		void *ring;

		if (!(readers & (1 << bit)))
			continue;
		ring = bpf_map_lookup_elem(&event_readers, &reader);
		if (!ring)
			continue;
		if (!event->at_ns)
			event->at_ns = bpf_ktime_get_ns();
		if (!bpf_ringbuf_output(ring, event, sizeof(*event),
					BPF_RB_NO_WAKEUP))
			continue;
		lost = bpf_map_lookup_elem(&lost_events, &reader);
		if (lost)
			__sync_fetch_and_add(lost, 1);
	}
	return 0;
}

static __always_inline void set_key(struct event *event, struct family maps,
				    const void *key)
{
	event->is_ipv6 = maps.endpoints == &endpoints6;
	if (event->is_ipv6)
		event->key6 = *(const struct SockKey6 *)key;
	else
		event->key = *(const struct SockKey *)key;
}

/* An entry came that had a life before; see sweep() for its end. */
static __always_inline void tell_adopted(__u64 cookie, struct family maps,
					 const void *key)
{
	struct event event = {
		.cookie = cookie,
		.type = EVENT_OPENED,
		.is_adopted = true,
	};

	set_key(&event, maps, key);
	publish(&event, ALL_READERS);
}

/* An entry came, or went. */
static __always_inline void tell_entry(enum event_type type, __u64 cookie,
				       __u8 verdict, struct family maps,
				       const void *key)
{
	struct event event = {
		.cookie = cookie,
		.type = type,
		.verdict = verdict,
	};

	set_key(&event, maps, key);
	publish(&event, ALL_READERS);
}

/*
 * What the messages of `self` do now, unless it was told already; too often
 * for a flow that goes to and fro.
 */
static __always_inline int news_of(struct endpoint *self)
{
	bool redirected = self->verdict == VERDICT_REDIRECTED;
	__u8 told = self->told;
	__u64 now;

	if (redirected == (told == TOLD_REDIRECTED))
		return -1;
	if (redirected && told == TOLD_NOTHING) {
		self->told = TOLD_REDIRECTED;
		return EVENT_FIRST_REDIRECT;
	}
	now = bpf_ktime_get_ns();
	if (told == TOLD_NOTHING || now - self->told_ns < TELL_EVERY_NS)
		return -1;
	self->told = redirected ? TOLD_REDIRECTED : TOLD_FELL_BACK;
	self->told_ns = now;
	return redirected ? EVENT_BACK_TO_REDIRECT : EVENT_FELL_BACK;
}

/* After note_message(): what a message changed, and itself if it is traced. */
static __always_inline void tell_message(struct endpoint *self, __u32 bytes,
					 __u64 turnaround_ns,
					 struct family maps, const void *key)
{
	__u32 tracing = TRACING_READERS(self);
	int news = news_of(self);

	if (news < 0 && !tracing)
		return;

	struct event event = {
		.at_ns = self->sent_ns,
		.cookie = self->cookie,
		.verdict = self->verdict,
	};

	set_key(&event, maps, key);
	if (news >= 0) {
		event.type = news;
		publish(&event, ALL_READERS);
	}
	if (tracing) {
		event.type = EVENT_MESSAGE;
		event.about.bytes = bytes;
		event.turnaround_ns = turnaround_ns;
		publish(&event, tracing);
	}
}
