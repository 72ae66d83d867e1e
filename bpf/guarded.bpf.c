/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The safe splice: the two programs of naive.bpf.c with the rules that keep
 * TCP's promises. One function a rule. Whatever is in doubt goes by TCP,
 * which is always correct; a redirect must be earned, message by message.
 */
#include "backpressure.h"
#include "maps.h"
#include "policy.h"

/* ---- SOCK_OPS: who gets an entry ---- */

/*
 * Pair rule: the two ends of one connection have the same two sequence
 * numbers, mirrored. They are random, 64 bits together: a socket with the
 * same 4-tuple in another network namespace does not have them.
 */
static __always_inline bool is_pair(const struct endpoint *self,
				    const struct endpoint *peer)
{
	return self->first_sent == peer->first_received &&
	       self->first_received == peer->first_sent;
}

/*
 * Pairs only. The side that connects is established first, before anyone can
 * know whether its peer is local: it enters, and asks to be told when its
 * first bytes are acknowledged.
 */
static __always_inline void on_connected(struct bpf_sock_ops *ctx,
					 const struct SockKey *key,
					 const struct endpoint *mine)
{
	if (enter(ctx, key, mine))
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags |
						       BPF_SOCK_OPS_RTT_CB_FLAG);
}

/*
 * The side that accepts enters only if the other end is there: the socket of
 * a client on another machine never does.
 */
static __always_inline void on_accepted(struct bpf_sock_ops *ctx,
					const struct SockKey *key,
					const struct endpoint *mine)
{
	struct SockKey reverse = reverse_key(key);
	struct endpoint *peer = bpf_map_lookup_elem(&endpoints, &reverse);

	if (peer && is_alive(peer) && is_pair(mine, peer) &&
	    enter(ctx, key, mine))
		set_flag(peer, ENDPOINT_PAIRED);
}

/*
 * Scope: the policy keeps the accepting side out. The other one may have
 * come in before that could be known; nothing was redirected yet.
 */
static __always_inline void turn_away(const struct SockKey *key,
				      const struct endpoint *mine)
{
	struct SockKey reverse = reverse_key(key);
	struct endpoint *peer = bpf_map_lookup_elem(&endpoints, &reverse);

	if (!peer || !is_alive(peer) || !is_pair(mine, peer))
		return;
	bpf_map_delete_elem(&INTERCEPT_MAP, &reverse);
	bpf_map_delete_elem(&endpoints, &reverse);
}

static __always_inline void on_established(struct bpf_sock_ops *ctx)
{
	bool connected = ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB;
	struct endpoint mine = {};
	struct SockKey key;

	if (!speaks_ipv4(ctx) || traffic() == TRAFFIC_DRAIN)
		return;
	if (!describe(ctx, &mine))
		return;
	key = key_of(ctx);
	if (is_in_scope(ctx)) {
		if (connected)
			on_connected(ctx, &key, &mine);
		else
			on_accepted(ctx, &key, &mine);
	} else if (!connected) {
		turn_away(&key, &mine);
	}
}

/*
 * A bystander leaves. The first bytes that went by TCP were acknowledged, so
 * the accepting side is established: if it got no entry by now it is not on
 * this machine, or not ours. Nothing was redirected, so nothing can be lost.
 */
static __always_inline void on_first_round_trip(struct bpf_sock_ops *ctx)
{
	struct SockKey key = key_of(ctx);
	struct endpoint *self = own_record(ctx, &key);

	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags &
					       ~BPF_SOCK_OPS_RTT_CB_FLAG);
	if (!self || (self->flags & ENDPOINT_PAIRED))
		return;
	bpf_map_delete_elem(&INTERCEPT_MAP, &key);
	bpf_map_delete_elem(&endpoints, &key);
}

SEC("sockops")
int handle_sock_ops(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		remember_owner(ctx);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		on_established(ctx);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		on_first_round_trip(ctx);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		forget_closed(ctx);
		break;
	}
	return 1;
}

/* ---- SK_MSG: which message may be redirected ---- */

/*
 * Order rule. A reader takes redirected bytes before those that came by TCP.
 * Both ends count in one sequence space, and redirected bytes do not count
 * in it: when the peer's application has read up to what this socket ever
 * wrote to TCP, nothing is under way that a redirect could overtake.
 */
static __always_inline bool all_was_read(const struct tcp_sock *self,
					 __u32 peer_has_read)
{
	return peer_has_read == self->write_seq;
}

/*
 * Handover rule, for a socket that lived before its entry: its reader may be
 * asleep inside tcp_recvmsg, where redirected bytes do not wake it. Once it
 * has read one message that came by TCP, its next read is a new one.
 */
static __always_inline bool was_handed_over(struct endpoint *peer,
					    __u32 peer_has_read)
{
	if (!(peer->flags & ENDPOINT_ADOPTED))
		return true;
	return peer_has_read != peer->handover_seq;
}

#define MAY_REDIRECT (-1)

static __always_inline int reason_to_pass(struct sk_msg_md *msg,
					  const struct tcp_sock *tcp,
					  struct endpoint *self,
					  const struct SockKey *reverse)
{
	struct endpoint *peer = bpf_map_lookup_elem(&endpoints, reverse);
	struct tcp_sock *peer_tcp;
	__u32 peer_has_read;

	if (traffic() != TRAFFIC_REDIRECT)
		return PASS_BYPASS;
	if (!peer || !(peer->flags & ENDPOINT_READY))
		return PASS_NO_PEER;
	if (peer->flags & ENDPOINT_DRAIN)
		return PASS_BYPASS;
	if (!is_pair(self, peer) || !is_alive(peer))
		return PASS_PAIR;
	peer_tcp = (struct tcp_sock *)peer->sock;
	peer_has_read = BPF_CORE_READ(peer_tcp, copied_seq);
	if (!all_was_read(tcp, peer_has_read))
		return PASS_ORDER;
	if (!was_handed_over(peer, peer_has_read))
		return PASS_ORDER;
	if (!has_room(self, (struct sock *)peer_tcp, msg->size))
		return PASS_BACKLOG;
	return MAY_REDIRECT;
}

SEC("sk_msg")
int redirect_traffic(struct sk_msg_md *msg)
{
	struct SockKey key = key_of(msg), reverse = reverse_key(&key);
	struct endpoint *self = bpf_map_lookup_elem(&endpoints, &key);
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock(msg->sk);
	int reason;

	if (!self || !tcp || self->sock != (__u64)tcp)
		return SK_PASS;
	reason = reason_to_pass(msg, tcp, self, &reverse);

	/*
	 * Presence rule: the helper says SK_DROP when the peer has left the
	 * map meanwhile, and that would fail the send. TCP carries it instead.
	 */
	if (reason == MAY_REDIRECT &&
	    bpf_msg_redirect_hash(msg, &INTERCEPT_MAP, &reverse,
				  BPF_F_INGRESS) != SK_PASS)
		reason = PASS_NO_PEER;

	if (reason == MAY_REDIRECT)
		count_redirect(self, msg->size);
	else
		count_pass(self, reason);
	return SK_PASS;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
