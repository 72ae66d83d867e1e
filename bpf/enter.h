/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Entering: which sockets get an entry, and which of them leave again before
 * anything was redirected, because their peer is not here.
 */
#pragma once

#include "backpressure.h"
#include "bucket.h"
#include "events.h"
#include "keepalive.h"
#include "kept_out.h"
#include "maps.h"
#include "options.h"
#include "policy.h"
#include "registration.h"
#include "sweep.h"
#include "used_again.h"

/* Whether another sockmap has the socket, or something else that reads it. */
static __always_inline bool is_taken(__u64 socket)
{
	return READ(struct sock, socket, sk_user_data) != NULL;
}

/* Puts the socket into the sockhash, if its bucket can take it. */
static __always_inline enum kept_out put_in(struct bpf_sock_ops *ctx,
					    struct family maps, const void *key,
					    const struct endpoint *record)
{
	long error = bpf_sock_hash_update(ctx, maps.sockets, (void *)key, BPF_NOEXIST);

	if (error)
		return error == -EEXIST ? KEPT_OUT_KEY_TAKEN :
		       error == -EBUSY	? KEPT_OUT_OTHER_SOCKMAP :
					  KEPT_OUT_FULL;
	if (fits_bucket(maps, key, record->sock))
		return KEPT_OUT_NOT;
	bpf_map_delete_elem(maps.sockets, key);
	return KEPT_OUT_CROWD;
}

/* Makes the socket of a SOCK_OPS event an entry, or changes nothing. */
static __always_inline enum kept_out try_to_enter(struct bpf_sock_ops *ctx,
						  struct family maps,
						  const void *key,
						  const struct endpoint *mine)
{
	struct registration blank = {}, *registered;
	struct bpf_sock *sk = ctx->sk;
	struct endpoint *record;
	enum kept_out why;

	if (!sk)
		return KEPT_OUT_OTHER_SOCKMAP;
	if (asks_for_tcp((struct tcp_sock *)mine->sock))
		return KEPT_OUT_OPTIONS;
	if (is_taken(mine->sock))
		return KEPT_OUT_OTHER_SOCKMAP;
	if (registration_of(ctx))
		return KEPT_OUT_REUSED;
	displace_unpaired(maps, key);
	record = claim(maps, key, mine, &why);
	if (!record)
		return why;
	registered = bpf_sk_storage_get(&registrations, sk, &blank,
					BPF_SK_STORAGE_GET_F_CREATE);
	why = registered ? put_in(ctx, maps, key, record) : KEPT_OUT_FULL;
	if (why) {
		forget_record(maps, key, record);
		bpf_sk_storage_delete(&registrations, sk);
		return why;
	}
	set_registration(registered, maps, key, record);
	set_flag(record, ENDPOINT_READY | mine->flags);
	ask_for_events(ctx, registered);
	return KEPT_OUT_NOT;
}

/*
 * The same, counted and told either way. From here on the kernel calls at each
 * change of state and whenever TCP sends: see forget_closed(), leave.h.
 */
static __always_inline bool enter(struct bpf_sock_ops *ctx,
				  struct family maps, const void *key,
				  const struct endpoint *mine)
{
	enum kept_out why = try_to_enter(ctx, maps, key, mine);

	if (why == KEPT_OUT_FULL)
		sweep_when_full(maps);
	if (why)
		note_kept_out(ctx, why, maps, key);
	else
		tell_entry(EVENT_OPENED, mine->cookie, VERDICT_NONE, maps, key);
	return !why;
}

/*
 * Pairs only. The side that connects is established first, before anyone can
 * know whether its peer is local: it enters; see leave_as_bystander().
 *
 * The side that accepts enters only if the other end is there: the socket of
 * a client on another machine never does. Nor does one whose other end has
 * asked for what only TCP gives.
 */
static __always_inline void on_accepted(struct bpf_sock_ops *ctx,
					struct family maps, const void *key,
					const void *reverse,
					struct endpoint *mine)
{
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);

	if (!peer || !is_alive(peer) || !is_pair(mine, peer) ||
	    (peer->flags & ENDPOINT_OPTIONS))
		return;
	mine->flags |= ENDPOINT_PAIRED;
	if (!enter(ctx, maps, key, mine))
		return;
	set_flag(peer, ENDPOINT_PAIRED);
	keep_seen(ctx);
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
	forget_record(maps, reverse, peer);
}

static __always_inline void on_established(struct bpf_sock_ops *ctx,
					   struct family maps, const void *key,
					   const void *reverse)
{
	bool connected = ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB;
	struct endpoint mine = {};

	if (traffic() == TRAFFIC_DRAIN || !describe(ctx, &mine))
		return;
	if (!is_in_scope(ctx, &mine)) {
		note_kept_out(ctx, KEPT_OUT_POLICY, maps, key);
		if (!connected)
			turn_away(maps, reverse, &mine);
	} else if (connected) {
		enter(ctx, maps, key, &mine);
	} else {
		on_accepted(ctx, maps, key, reverse, &mine);
	}
}

/* How much of what it sent by TCP was acknowledged. */
static __always_inline bool was_acknowledged(const struct tcp_sock *tcp,
					     const struct endpoint *self)
{
	return (__s32)(tcp->snd_una - self->first_sent) > 0;
}

/*
 * A bystander leaves. The first bytes that went by TCP were acknowledged, so
 * the accepting side is established: if it got no entry by now it is not on
 * this machine, or not ours. Nothing was redirected, so nothing can be lost.
 */
static __always_inline void leave_as_bystander(struct bpf_sock_ops *ctx,
					       struct family maps,
					       const void *key,
					       struct endpoint *self,
					       struct registration *mine)
{
	stop_asking(ctx, mine);
	bpf_map_delete_elem(maps.sockets, key);
	tell_entry(EVENT_CLOSED, self->cookie, VERDICT_PASSED + PASS_NO_PEER,
		   maps, key);
	forget_record(maps, key, self);
}

/*
 * The socket closes: close() has taken the entry out before, but one that was
 * reset, or whose both ends have sent their FIN, is there still. It goes, too,
 * unless bytes wait in its queue: they can be read after the end, as with TCP.
 */
static __always_inline void forget_closed(struct bpf_sock_ops *ctx,
					  struct family maps, const void *key)
{
	struct endpoint *self = own_record(ctx, maps, key);
	struct sock *sk;

	if (!self)
		return;
	sk = (struct sock *)self->sock;
	if (psock_in((__u64)READ(struct sock, sk, sk_user_data)) &&
	    (queue_is_empty(sk) || is_disconnected(sk)))
		bpf_map_delete_elem(maps.sockets, key);
	if (forget_record(maps, key, self))
		tell_entry(EVENT_CLOSED, bpf_get_socket_cookie(ctx),
			   VERDICT_NONE, maps, key);
}
