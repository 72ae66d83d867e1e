/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Entering: which sockets get an entry, and which of them leave again before
 * anything was redirected, because their peer is not here.
 */
#pragma once

#include "events.h"
#include "maps.h"
#include "policy.h"

/*
 * Pairs only. The side that connects is established first, before anyone can
 * know whether its peer is local: it enters, and asks to be told when its
 * first bytes are acknowledged.
 */
static __always_inline void on_connected(struct bpf_sock_ops *ctx,
					 struct family maps, const void *key,
					 const struct endpoint *mine)
{
	if (!enter(ctx, maps, key, mine))
		return;
	ask_for(ctx, BPF_SOCK_OPS_RTT_CB_FLAG |
			     BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
	tell_entry(EVENT_OPENED, mine->cookie, VERDICT_NONE, maps, key);
}

/*
 * The side that accepts enters only if the other end is there: the socket of
 * a client on another machine never does.
 */
static __always_inline void on_accepted(struct bpf_sock_ops *ctx,
					struct family maps, const void *key,
					const void *reverse,
					const struct endpoint *mine)
{
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);

	if (!peer || !is_alive(peer) || !is_pair(mine, peer) ||
	    !enter(ctx, maps, key, mine))
		return;
	ask_for(ctx, BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
	set_flag(peer, ENDPOINT_PAIRED);
	tell_entry(EVENT_OPENED, mine->cookie, VERDICT_NONE, maps, key);
}

/*
 * Scope: the policy keeps the accepting side out. The other one may have
 * come in before that could be known; nothing was redirected yet.
 */
static __always_inline void turn_away(struct family maps, const void *reverse,
				      const struct endpoint *mine)
{
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);

	if (!peer || !is_alive(peer) || !is_pair(mine, peer))
		return;
	bpf_map_delete_elem(maps.sockets, reverse);
	tell_entry(EVENT_CLOSED, peer->cookie, VERDICT_PASSED + PASS_NO_PEER,
		   maps, reverse);
	bpf_map_delete_elem(maps.endpoints, reverse);
}

static __always_inline void on_established(struct bpf_sock_ops *ctx,
					   struct family maps, const void *key,
					   const void *reverse)
{
	bool connected = ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB;
	struct endpoint mine = {};

	if (traffic() == TRAFFIC_DRAIN || !describe(ctx, &mine))
		return;
	if (is_in_scope(ctx)) {
		if (connected)
			on_connected(ctx, maps, key, &mine);
		else
			on_accepted(ctx, maps, key, reverse, &mine);
	} else if (!connected) {
		turn_away(maps, reverse, &mine);
	}
}

/*
 * A bystander leaves. The first bytes that went by TCP were acknowledged, so
 * the accepting side is established: if it got no entry by now it is not on
 * this machine, or not ours. Nothing was redirected, so nothing can be lost.
 */
static __always_inline void on_first_round_trip(struct bpf_sock_ops *ctx,
						struct family maps,
						const void *key)
{
	struct endpoint *self = own_record(ctx, maps, key);

	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags &
					       ~BPF_SOCK_OPS_RTT_CB_FLAG);
	if (self && (self->flags & ENDPOINT_PAIRED))
		return;
	bpf_sock_ops_cb_flags_set(ctx, 0);
	if (!self)
		return;
	bpf_map_delete_elem(maps.sockets, key);
	tell_entry(EVENT_CLOSED, self->cookie, VERDICT_PASSED + PASS_NO_PEER,
		   maps, key);
	bpf_map_delete_elem(maps.endpoints, key);
}
