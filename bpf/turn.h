/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Turns: the two ends of a connection send in turn. What is noted here of
 * each message is judged by the rules of leave.h, and told by turnaround.h
 * and events.h.
 */
#pragma once

#include "maps.h"

/*
 * Notes that `self` sends, and what became of it; its peer is null when it is
 * not known. Returns how many ns ago the peer sent when this is the first
 * message since, and else 0.
 */
static __always_inline __u64 note_message(struct endpoint *self,
					  const struct endpoint *peer,
					  __u32 bytes, __u8 verdict)
{
	__u64 before = self->sent_ns, asked = peer ? peer->sent_ns : 0;
	__u64 now = bpf_ktime_get_ns();
	bool answers = asked > before;

	if (!before || answers) {
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
	return answers && asked < now ? now - asked : 0;
}
