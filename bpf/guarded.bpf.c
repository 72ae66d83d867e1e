/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The safe splice: the two programs of naive.bpf.c with the rules that keep
 * TCP's promises. One function a rule. Whatever is in doubt goes by TCP,
 * which is always correct; a redirect must be earned, message by message.
 */
#include "backpressure.h"
#include "enter.h"
#include "events.h"
#include "leave.h"
#include "maps.h"
#include "options.h"
#include "order_of_reads.h"
#include "policy.h"
#include "registration.h"
#include "rules.h"
#include "turn.h"
#include "turnaround.h"
#include "used_again.h"

/* ---- SOCK_OPS: what happens to sockets ---- */

static __always_inline void on_event(struct bpf_sock_ops *ctx,
				     struct family maps, const void *key,
				     const void *reverse)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		on_established(ctx, maps, key, reverse);
		break;
	case BPF_SOCK_OPS_RTT_CB: /* for others; a chance to ask again */
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		on_tcp_sends(ctx, maps, key, reverse);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		forget_closed(ctx, maps, key);
		break;
	}
}

/* Of some twenty events in the life of a connection these matter. */
static __always_inline bool is_of_interest(const struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_RTT_CB:
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB:
		return true;
	case BPF_SOCK_OPS_STATE_CB:
		return ctx->args[1] == BPF_TCP_CLOSE;
	}
	return false;
}

SEC("sockops")
int handle_sock_ops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB ||
	    ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB) {
		forget_former(ctx);
		remember_owner(ctx);
	} else if (!is_of_interest(ctx)) {
		return 1;
	} else if (speaks_ipv4(ctx)) {
		struct SockKey key = key_of(ctx), reverse = reverse_key(&key);

		on_event(ctx, IPV4, &key, &reverse);
	} else if (speaks_ipv6(ctx)) {
		struct SockKey6 key = key6_of(ctx), reverse = reverse_key6(&key);

		on_event(ctx, IPV6, &key, &reverse);
	}
	return 1;
}

/* ---- connect(2): a socket that is used again ---- */

#define EAGAIN 11

static __always_inline int allow_connect(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	if (!sk || may_connect(sk))
		return 1;
	bpf_set_retval(-EAGAIN);
	return 0;
}

SEC("cgroup/connect4")
int watch_connect4(struct bpf_sock_addr *ctx)
{
	return allow_connect(ctx);
}

SEC("cgroup/connect6")
int watch_connect6(struct bpf_sock_addr *ctx)
{
	return allow_connect(ctx);
}

/* ---- setsockopt(2): what a socket asks for that only TCP gives ---- */

#define ENOENT 2 /* as on a kernel without kTLS: net/ipv4/tcp_ulp.c */

SEC("cgroup/setsockopt")
int watch_options(struct bpf_sockopt *ctx)
{
	int *value = ctx->optval;
	bool is_allowed = note_option(
		ctx, (void *)(value + 1) <= ctx->optval_end ? *value : 0);

	/* The kernel takes the caller's value, not a copy of ours. */
	ctx->optlen = 0;
	if (!is_allowed)
		bpf_set_retval(-ENOENT);
	return is_allowed;
}

/* ---- SK_MSG: which message may be redirected ---- */

/*
 * What the rules say of a message of `self`: why it passes, or MAY_REDIRECT.
 * The sleeper rule is asked later.
 */
static __always_inline int by_the_rules(const struct sk_msg_md *msg,
					const struct tcp_sock *tcp,
					struct endpoint *self,
					struct endpoint *peer)
{
	struct tcp_sock *peer_tcp = (struct tcp_sock *)peer->sock;
	__u32 peer_has_read = READ(struct tcp_sock, peer_tcp, copied_seq);

	if (!all_was_read(tcp, peer_has_read) ||
	    !was_handed_over(peer, peer_has_read))
		return PASS_ORDER;
	if (is_layered(tcp, peer_tcp))
		return PASS_PAIR;
	if (!has_room(self, (struct sock *)peer_tcp, msg->size))
		return PASS_BACKLOG;
	return MAY_REDIRECT;
}

/*
 * Most messages follow a redirect, in a short turn. No rule asks then who
 * waits for them: the readers are looked at once in a while only.
 */
#define LOOK_EVERY 64

static __always_inline bool follows_a_redirect(struct endpoint *self,
					       const struct endpoint *peer,
					       const struct tcp_sock *tcp)
{
	return last_was_redirected(self, tcp) && self->unseen &&
	       self->unseen < LOOK_EVERY && may_leave(self, tcp) &&
	       !(self->flags & ENDPOINT_LEAVING) && !wants_tcp(self, peer) &&
	       !(peer->flags & ENDPOINT_NO_SLEEPERS) &&
	       !is_due_to_leave(self, true) && !reason_to_leave(self);
}

/* What becomes of a message for readers that look again, or sleep. */
static __always_inline int for_other_readers(struct endpoint *self,
					     const struct endpoint *peer,
					     const struct tcp_sock *tcp,
					     const struct readers *readers,
					     int reason)
{
	enum leave_reason leave = wants_tcp(self, peer)		  ? LEAVE_OPTIONS :
				  may_wake_in_vain(peer, readers) ? LEAVE_SLEEPERS :
								    reason_to_leave(self);

	if (leave && may_leave(self, tcp))
		begin_to_leave(self, leave);
	if ((self->flags & ENDPOINT_LEAVING) || wants_tcp(self, peer))
		return PASS_BYPASS;
	return reason;
}

/* For readers that are told once: all by redirect, or the connection leaves. */
static __always_inline int for_edge_readers(struct endpoint *self,
					    const struct endpoint *peer,
					    const struct tcp_sock *tcp,
					    __u32 bytes, bool is_on, int reason)
{
	struct sock *peer_sk = (struct sock *)peer->sock;
	bool wants = wants_tcp(self, peer);

	if (queue_is_empty(peer_sk) &&
	    may_stay_without_redirects(self, tcp, bytes, is_on))
		return is_on ? PASS_ORDER : PASS_BYPASS;
	if (!wants && !is_due_to_leave(self, is_on && reason == MAY_REDIRECT))
		return reason;
	if (!may_leave(self, tcp) || !can_leave(self, peer_sk) ||
	    !(nothing_is_under_way(tcp) || has_settled(self)))
		return reason;
	begin_to_leave(self, wants ? LEAVE_OPTIONS : LEAVE_EDGE_TRIGGERED);
	return reason == MAY_REDIRECT ? PASS_BYPASS : reason;
}

/*
 * The rules, the switch, and whether the connection is to leave the map: for
 * an edge-triggered reader just with this message, or not yet.
 */
static __always_inline int reason_to_pass(const struct sk_msg_md *msg,
					  const struct tcp_sock *tcp,
					  struct endpoint *self,
					  struct endpoint *peer)
{
	__u32 now = traffic();
	bool is_on = now == TRAFFIC_REDIRECT;
	struct readers readers;
	struct sock *peer_sk;
	bool peer_is_locked;
	int reason;

	if (!peer || !(peer->flags & ENDPOINT_READY))
		return is_on ? PASS_NO_PEER : PASS_BYPASS;
	if (now == TRAFFIC_DRAIN || (peer->flags & ENDPOINT_DRAIN))
		return PASS_BYPASS;
	/* One that is closed has left INTERCEPT_MAP: the presence rule sees it. */
	if (!is_pair(self, peer) || !is_same_socket(peer))
		return is_on ? PASS_PAIR : PASS_BYPASS;

	peer_sk = (struct sock *)peer->sock;
	if (!is_on && !readers_of(peer_sk).edge_triggered)
		return PASS_BYPASS;

	reason = by_the_rules(msg, tcp, self, peer);
	if (is_on && reason == MAY_REDIRECT &&
	    follows_a_redirect(self, peer, tcp)) {
		self->unseen++;
		return reason;
	}
	self->unseen = 1;

	/* In this order: see the sleeper rule. */
	READ_IN_ORDER();
	peer_is_locked = READ(struct sock, peer_sk, sk_lock.owned) != 0;
	READ_IN_ORDER();
	readers = readers_of(peer_sk);
	if (!nobody_is_in_tcp(self, tcp, peer, peer_is_locked, &readers))
		reason = PASS_ORDER;
	if (is_read_by_others(peer_sk))
		reason = PASS_PAIR;
	if (readers.edge_triggered)
		return for_edge_readers(self, peer, tcp, msg->size, is_on, reason);
	return is_on ? for_other_readers(self, peer, tcp, &readers, reason) :
		       PASS_BYPASS;
}

static __always_inline int judge(struct sk_msg_md *msg, struct family maps,
				 const void *key, void *reverse)
{
	struct endpoint *self = bpf_map_lookup_elem(maps.endpoints, key);
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);
	struct tcp_sock *tcp = tcp_of(msg->sk);
	__u32 bytes = msg->size;
	__u64 turnaround_ns, peer_cookie;
	int reason;

	/* The verifier takes no other way to a field than this one. */
	barrier_var(bytes);

	if (!self || !tcp || self->sock != (__u64)tcp || !may_send(msg))
		return SK_PASS;
	note_sender(self);
	peer_cookie = peer ? peer->cookie : 0;
	reason = reason_to_pass(msg, tcp, self, peer);
	count_fallback(self, reason);

	/*
	 * Presence rule: the helper says SK_DROP when the peer has left the
	 * map meanwhile, and that would fail the send. TCP carries it instead.
	 */
	if (reason == MAY_REDIRECT &&
	    bpf_msg_redirect_hash(msg, maps.sockets, reverse, BPF_F_INGRESS) !=
		    SK_PASS)
		reason = PASS_NO_PEER;

	/* Another socket may have got the key meanwhile: then back, and by TCP. */
	if (reason == MAY_REDIRECT && !keeps_its_key(peer, peer_cookie)) {
		if (bpf_msg_redirect_hash(msg, maps.sockets, (void *)key, 0) != SK_PASS)
			return SK_DROP;
		reason = PASS_PAIR;
	}

	if (reason == MAY_REDIRECT) {
		self->redirect_seq = tcp->write_seq;
		/* It was to leave, could not, and has something under way again. */
		if (self->flags & ENDPOINT_LEAVING)
			clear_flag(self, ENDPOINT_LEAVING | ENDPOINT_SETTLED);
		count_redirect(self, bytes);
	} else {
		note_settled(self, tcp);
		count_pass(self, reason);
	}
	peer = peer && is_pair(self, peer) ? peer : NULL;
	turnaround_ns = note_message(self, peer, bytes,
				     reason == MAY_REDIRECT ?
					     VERDICT_REDIRECTED :
					     VERDICT_PASSED + reason);
	count_turnaround(self, peer, turnaround_ns);
	tell_message(self, bytes, turnaround_ns, maps, key);
	return SK_PASS;
}

SEC("sk_msg")
int redirect_traffic(struct sk_msg_md *msg)
{
	if (speaks_ipv4(msg)) {
		struct SockKey key = key_of(msg), reverse = reverse_key(&key);

		return judge(msg, IPV4, &key, &reverse);
	}
	struct SockKey6 key = key6_of(msg), reverse = reverse_key6(&key);

	return judge(msg, IPV6, &key, &reverse);
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
