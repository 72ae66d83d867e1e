/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Leaving: a connection that is better off without a splice leaves the map by
 * itself, between two messages, when nothing is queued; from then on it is
 * plain TCP. The sender's SK_MSG program decides it and lets its message
 * pass; when TCP is about to send that message, under the same lock, SOCK_OPS
 * takes the peer out, before the first byte can arrive there. (SK_MSG itself
 * may not delete: kernel/bpf/verifier.c, may_update_sockmap.)
 */
#pragma once

#include "backpressure.h"
#include "enter.h"
#include "events.h"
#include "maps.h"
#include "registration.h"
#include "rules.h"
#include "turn.h"

/* TCP packs a stream of small messages together; a redirect does not. */
#define SMALL_MESSAGE 8192
#define STREAM_MESSAGES 16384
#define STREAM_GAP_NS 100000

static __always_inline bool is_stream_of_small_messages(const struct endpoint *self)
{
	return self->turn.messages >= STREAM_MESSAGES &&
	       self->turn.bytes < self->turn.messages * SMALL_MESSAGE &&
	       bpf_ktime_get_ns() - self->turn_ns <
		       self->turn.messages * STREAM_GAP_NS;
}

/* Passing through the map costs more than TCP alone: it must redirect, too. */
#define MOST_FALLBACKS 16384
#define FALLBACKS_A_REDIRECT 4

static __always_inline void count_fallback(struct endpoint *self, int reason)
{
	if (reason == PASS_ORDER || reason == PASS_BACKLOG)
		self->fallbacks++;
	else if (reason == MAY_REDIRECT)
		self->fallbacks -= self->fallbacks < FALLBACKS_A_REDIRECT ?
					   self->fallbacks :
					   FALLBACKS_A_REDIRECT;
}

/*
 * Whether SOCK_OPS can take the connection out when TCP is about to send.
 * Adopted sockets have no such events, and another program may have wiped the
 * flags that ask for them: registration.h.
 */
static __always_inline bool may_leave(const struct endpoint *self,
				      const struct tcp_sock *tcp)
{
	return !(self->flags & ENDPOINT_ADOPTED) && hears_tcp_send(tcp);
}

static __always_inline bool wants_tcp(const struct endpoint *self,
				      const struct endpoint *peer)
{
	return (self->flags | peer->flags) & ENDPOINT_OPTIONS;
}

/*
 * Who sleeps in recv() gets EAGAIN when it is woken in vain: by a signal, and by
 * another one that was woken with it and read first (net/ipv4/tcp_bpf.c,
 * tcp_bpf_recvmsg, sleeps once). For one sleeper the policy decides.
 */
static __always_inline bool may_wake_in_vain(const struct endpoint *peer,
					     const struct readers *readers)
{
	return readers->sleeping > 1 ||
	       (readers->sleeping && (peer->flags & ENDPOINT_NO_SLEEPERS));
}

/*
 * Why the connection is better off without its entry, if it is. It passes from
 * then on, which keeps the order, and leaves when its queue is empty.
 */
static __always_inline enum leave_reason
reason_to_leave(const struct endpoint *self)
{
	if (self->fallbacks >= MOST_FALLBACKS)
		return LEAVE_FALLBACKS;
	return is_stream_of_small_messages(self) ? LEAVE_SMALL_MESSAGES : LEAVE_NOT;
}

/* What `self` sends is to leave the map as soon as it can. */
static __always_inline void begin_to_leave(struct endpoint *self,
					   enum leave_reason reason)
{
	self->leave_reason = reason;
	set_flag(self, ENDPOINT_LEAVING);
}

/* The entry under a key left, because of what `leaving` sends or its peer. */
static __always_inline void tell_left(__u64 cookie,
				      const struct endpoint *leaving,
				      struct family maps, const void *key)
{
	struct event event = {
		.cookie = cookie,
		.type = EVENT_LEFT,
		.verdict = leaving->verdict,
		.about.leave_reason = leaving->leave_reason,
	};

	set_key(&event, maps, key);
	publish(&event, ALL_READERS);
}

/*
 * Edge rule. A read ends where the redirected bytes end, and a reader that is
 * told only once may take that for the end of all (epoll(7)): it would not
 * look at bytes that came by TCP behind them. And FIONREAD of a socket in the
 * map does not count those on some kernels. So such a reader gets all by
 * redirect, or nothing: before TCP is needed, or likely to be, it leaves.
 */
#define LONGEST_EDGE_TURN 65536

static __always_inline bool is_due_to_leave(const struct endpoint *self,
					    bool may_redirect)
{
	return !may_redirect || self->turn.bytes > LONGEST_EDGE_TURN;
}

/*
 * Who may get a message by TCP and stay. What fits into one read is read whole,
 * even by readers that go by FIONREAD: so the bypass takes nobody out for it.
 * One that cannot leave gets all by TCP, as if it were not in the map.
 */
#define SHORTEST_READ 1024

static __always_inline bool
may_stay_without_redirects(const struct endpoint *self,
			   const struct tcp_sock *tcp, __u32 bytes, bool is_on)
{
	return !may_leave(self, tcp) ||
	       (!is_on && self->turn.bytes + bytes <= SHORTEST_READ);
}

/* A message may be on its way into the queue for as long: src/core/down.ts. */
#define SETTLE_NS 250000000ULL
#define OWN_CALL 2 /* a psock's first reference, and the one of this sendmsg */

/*
 * Whether everything this socket redirected is in the peer's queue by now,
 * asked by SK_MSG: its other threads, if there are any, are in no call.
 */
static __always_inline bool nothing_is_under_way(const struct tcp_sock *tcp)
{
	__u64 user_data = (__u64)READ(struct sock, tcp, sk_user_data);
	struct sk_psock *psock = psock_in(user_data);

	return psock && READ(struct sk_psock, psock, refcnt.refs.counter) <= OWN_CALL;
}

/*
 * For SOCK_OPS, which cannot tell whose calls the references are. A socket
 * that is LEAVING redirects nothing, so what is settled stays so.
 */
static __always_inline void note_settled(struct endpoint *self,
					 const struct tcp_sock *tcp)
{
	if ((self->flags & ENDPOINT_LEAVING) &&
	    !(self->flags & ENDPOINT_SETTLED) && nothing_is_under_way(tcp))
		set_flag(self, ENDPOINT_SETTLED);
}

static __always_inline bool has_settled(const struct endpoint *self)
{
	return (self->flags & ENDPOINT_SETTLED) ||
	       (self->verdict != VERDICT_REDIRECTED &&
		bpf_ktime_get_ns() - self->verdict_ns > SETTLE_NS);
}

/* Whether the peer may be taken out, when this end has settled: nothing is queued. */
static __always_inline bool can_leave(const struct endpoint *self,
				      const struct sock *peer)
{
	return has_nothing_to_read(peer) &&
	       has_nothing_to_read((const struct sock *)self->sock);
}

/*
 * The peer first. It may be about to redirect to this socket just now: that
 * needs time to settle, before this one follows.
 */
static __always_inline void take_peer_out(struct family maps, const void *reverse,
					  struct endpoint *self,
					  struct endpoint *peer)
{
	if (!is_same_socket(peer) || !has_settled(self) ||
	    !can_leave(self, (struct sock *)peer->sock))
		return;
	self->left_ns = bpf_ktime_get_ns();
	self->left_cookie = peer->cookie;
	bpf_map_delete_elem(maps.sockets, reverse);
	tell_left(peer->cookie, self, maps, reverse);
	forget_record(maps, reverse, peer);
}

/*
 * The one that was taken out sends by TCP for the first time: the other one
 * goes before the first byte arrives there, too. While the first one still
 * has its psock, a call from before may be about to redirect. Returns whether
 * there is nothing left to do.
 */
static __always_inline bool take_other_out(struct bpf_sock_ops *ctx,
					   struct family maps,
					   const void *reverse)
{
	struct endpoint *other = bpf_map_lookup_elem(maps.endpoints, reverse);
	struct tcp_sock *own = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;

	if (!other || other->left_cookie != bpf_get_socket_cookie(ctx))
		return true;
	if (!own || psock_in((__u64)READ(struct sock, own, sk_user_data)) ||
	    !has_nothing_to_read((struct sock *)other->sock))
		return false;
	if (!bpf_map_delete_elem(maps.sockets, reverse))
		tell_left(other->cookie, other, maps, reverse);
	forget_record(maps, reverse, other);
	return true;
}

/* What `self` sends is to leave: its peer first, and later it itself. */
static __always_inline void go_on_leaving(struct bpf_sock_ops *ctx,
					  struct family maps, const void *key,
					  const void *reverse,
					  struct endpoint *self,
					  struct registration *mine)
{
	struct endpoint *peer = bpf_map_lookup_elem(maps.endpoints, reverse);

	if (peer && !self->left_ns && is_pair(self, peer))
		take_peer_out(maps, reverse, self, peer);
	if (!self->left_ns ||
	    bpf_ktime_get_ns() - self->left_ns < SETTLE_NS ||
	    !has_nothing_to_read((struct sock *)self->sock))
		return;
	stop_asking(ctx, mine);
	if (!bpf_map_delete_elem(maps.sockets, key))
		tell_left(self->cookie, self, maps, key);
	forget_record(maps, key, self);
}

/* TCP is about to send something of a socket, an acknowledgement at least. */
static __always_inline void on_tcp_sends(struct bpf_sock_ops *ctx,
					 struct family maps, const void *key,
					 const void *reverse)
{
	struct registration *mine = registration_of(ctx);
	struct endpoint *self = own_record(ctx, maps, key);
	struct tcp_sock *tcp = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;

	/* Another program asked for this event. */
	if (!mine || !tcp)
		return;
	if (!self) {
		if (take_other_out(ctx, maps, reverse))
			stop_asking(ctx, mine);
		return;
	}
	ask_for_events(ctx, mine);
	if (self->flags & ENDPOINT_LEAVING)
		go_on_leaving(ctx, maps, key, reverse, self, mine);
	else if (!(self->flags & ENDPOINT_PAIRED) && was_acknowledged(tcp, self))
		leave_as_bystander(ctx, maps, key, self, mine);
}
