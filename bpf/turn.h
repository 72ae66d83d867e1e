/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Turns: the two ends of a connection send in turn. What is noted here of
 * each message is judged by the rules of leave.h, and told by turnaround.h
 * and events.h.
 */
#pragma once

#include "maps.h"

/*
 * To read the clock takes as long as all the rules together. A fast connection
 * is well known after its first turns; then one in eight is enough.
 */
#define TURNS_ALL_TIMED 1024
#define TURNS_A_TIMED_ONE 8

/* Most turns are a message or two: how long one lasts is taken from here on. */
#define LONG_TURN 64

static __always_inline bool is_timed(const struct endpoint *self, __u32 turn)
{
	return turn <= TURNS_ALL_TIMED || turn % TURNS_A_TIMED_ONE == 0 ||
	       TRACING_READERS(self);
}

/*
 * Notes that `self` sends, and what became of it; its peer is null when it is
 * not known. Returns how many ns ago the peer sent when this is the first
 * message since, and else 0; and 0 when the peer's turn was not timed.
 */
static __always_inline __u64 note_message(struct endpoint *self,
					  const struct endpoint *peer,
					  __u32 bytes, __u8 verdict)
{
	__u32 turn, peer_turns = self->answered;
	__u64 now, asked = 0;
	bool timed;

	/* The peer may send just now: it writes its time first, and then its turn. */
	if (peer) {
		peer_turns = peer->turns;
		barrier();
		asked = peer->sent_ns;
	}
	if (peer_turns == self->answered)
		asked = 0;
	turn = self->turns + (!self->turns || peer_turns != self->answered);
	timed = is_timed(self, turn);
	now = asked || timed ? bpf_ktime_get_ns() : 0;
	self->sent_ns = timed ? now : 0;
	barrier();
	/* Without its peer's turns nobody knows how long its own one is. */
	if (turn != self->turns || !peer) {
		self->turns = turn;
		self->answered = peer_turns;
		self->turn = (struct mark){};
	}
	if (++self->turn.messages == LONG_TURN)
		self->turn_ns = bpf_ktime_get_ns();
	self->turn.bytes += bytes;
	if (self->verdict != verdict) {
		self->verdict = verdict;
		self->verdict_ns = now ?: bpf_ktime_get_ns();
	}
	return asked && asked < now ? now - asked : 0;
}
