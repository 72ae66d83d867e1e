/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Used-again rule. A socket can be disconnected, connect(AF_UNSPEC), and then
 * connect to another peer, or listen. The kernel leaves it in its sockmap (the
 * protos of tcp_bpf have no unhash): the new connection would read what the
 * former peer sent. So the entry goes, with all that waits in its queue, as TCP
 * purges its own (net/ipv4/tcp.c, tcp_disconnect), in three steps:
 *
 *   disconnect   the state becomes CLOSE, without a reset and without both FINs
 *   connect      waits for nobody who is about to queue a message: EAGAIN
 *   connecting   what was reset before it was disconnected still has its entry
 *
 * It gets no entry again: try_to_enter().
 */
#pragma once

#include "backpressure.h"
#include "bucket.h"
#include "events.h"
#include "maps.h"
#include "registration.h"

#define SHUTDOWN_BOTH 3

/* At a change to CLOSE: whether the application asked for it, and not the peer. */
static __always_inline bool is_disconnected(struct sock *sk)
{
	return !READ(struct sock, sk, sk_err) &&
	       READ(struct sock, sk, sk_shutdown) != SHUTDOWN_BOTH;
}

static __always_inline void remove_former(struct family maps, const void *key,
					  const struct registration *former)
{
	struct endpoint *record = bpf_map_lookup_elem(maps.endpoints, key);

	if (is_entry(maps, key, former->sock))
		bpf_map_delete_elem(maps.sockets, key);
	if (record && record->cookie == former->cookie &&
	    forget_record(maps, key, record))
		tell_entry(EVENT_CLOSED, former->cookie, VERDICT_NONE, maps, key);
}

/* A socket begins to connect, or listens, that may have been an entry. */
static __always_inline void forget_former(struct bpf_sock_ops *ctx)
{
	struct registration *former = registration_of(ctx);

	if (former && former->is_ipv6)
		remove_former(IPV6, &former->key6, former);
	else if (former)
		remove_former(IPV4, &former->key, former);
}

/* How many sockmaps hold a psock; other tools may have the socket in theirs. */
#define MOST_SOCKMAPS 8

static __always_inline int count_sockmaps(struct sk_psock *psock)
{
	struct list_head *head = (void *)psock +
				 bpf_core_field_offset(struct sk_psock, link);
	struct list_head *at = READ(struct list_head, head, next);
	int count = 0;

	while (at != head && count < MOST_SOCKMAPS) {
		at = READ(struct list_head, at, next);
		count++;
	}
	return count;
}

static __always_inline bool is_entry_still(const struct registration *former)
{
	return former->is_ipv6 ? is_entry(IPV6, &former->key6, former->sock) :
				 is_entry(IPV4, &former->key, former->sock);
}

/*
 * Whether the socket may connect. Who is about to queue a message holds the
 * psock, as sockmaps do, and waits for the lock that is held now: nothing may
 * come behind it. And what is queued already must go, which it does with the
 * last sockmap that holds the psock: not while another tool's does.
 */
static __always_inline bool may_connect(struct bpf_sock *sk)
{
	struct registration *former = bpf_sk_storage_get(&registrations, sk, NULL, 0);
	struct sk_psock *psock;
	int sockmaps;

	if (!former)
		return true;
	psock = psock_in((__u64)READ(struct sock, former->sock, sk_user_data));
	if (!psock)
		return true;
	sockmaps = count_sockmaps(psock);
	if (READ(struct sk_psock, psock, refcnt.refs.counter) > sockmaps)
		return false;
	return queue_is_empty((struct sock *)former->sock) ||
	       (sockmaps == 1 && is_entry_still(former));
}
