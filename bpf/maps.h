/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The maps, the same for every program, and how they are kept: who owns a
 * key, and what is counted. User space sets the real sizes before it loads.
 */
#pragma once

#include "endpoint.h"
#include "kernel_read.h"
#include <linux/errno.h>

#define DEFAULT_ENTRIES 65536

/* SockKey -> socket. User space that looks an entry up gets its cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, DEFAULT_ENTRIES);
	__type(key, struct SockKey);
	__type(value, __u64);
} INTERCEPT_MAP SEC(".maps");

/*
 * SockKey -> what is remembered of the socket in INTERCEPT_MAP. Memory is
 * taken as sockets come, and costs nothing for those that do not. Its hash has
 * a random seed: nobody can choose ports whose records share a bucket.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DEFAULT_ENTRIES);
	__type(key, struct SockKey);
	__type(value, struct endpoint_record);
} endpoints SEC(".maps");

/* The same two for IPv6. */
struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, DEFAULT_ENTRIES);
	__type(key, struct SockKey6);
	__type(value, __u64);
} INTERCEPT_MAP6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DEFAULT_ENTRIES);
	__type(key, struct SockKey6);
	__type(value, struct endpoint_record);
} endpoints6 SEC(".maps");

/* Everything below is written once, for the maps and keys of either family. */
struct family {
	void *sockets;
	void *endpoints;
};

#define IPV4 ((struct family){ &INTERCEPT_MAP, &endpoints })
#define IPV6 ((struct family){ &INTERCEPT_MAP6, &endpoints6 })

/* What all sockets sent, those that are gone included. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} totals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

static const __u32 ONLY = 0;

static __always_inline __u32 traffic(void)
{
	struct settings *now = bpf_map_lookup_elem(&settings, &ONLY);

	return now ? now->traffic : TRAFFIC_BYPASS;
}

/*
 * The first value of a record. A record is too large for a program's stack.
 */
static const volatile struct endpoint_record EMPTY_RECORD = {};

/* The memory may long belong to another socket: the cookie tells. */
static __always_inline bool is_same_socket(const struct endpoint *end)
{
	struct sock *sk = (struct sock *)end->sock;

	/* One without a cookie is nobody's. */
	return end->cookie &&
	       READ(struct sock, sk, __sk_common.skc_cookie.counter) == end->cookie;
}

/* Memory that nobody took since its socket went is still in TCP_CLOSE. */
static __always_inline bool is_alive(const struct endpoint *end)
{
	struct sock *sk = (struct sock *)end->sock;

	return is_same_socket(end) &&
	       READ(struct sock, sk, __sk_common.skc_state) != BPF_TCP_CLOSE;
}

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

/* What a SOCK_OPS event tells about its socket. */
static __always_inline bool describe(struct bpf_sock_ops *ctx,
				     struct endpoint *mine)
{
	struct bpf_sock *sk = ctx->sk;
	struct tcp_sock *tcp = sk ? bpf_skc_to_tcp_sock(sk) : NULL;

	if (!tcp)
		return false;
	mine->sock = (__u64)tcp;
	mine->cookie = bpf_get_socket_cookie(ctx);
	mine->registered_ns = bpf_ktime_get_ns();
	mine->first_sent = tcp->write_seq;
	mine->first_received = tcp->rcv_nxt;
	mine->redirect_seq = tcp->write_seq;
	return true;
}

/* Flags have several writers: programs on other CPUs, and the iterators. */
static __always_inline void set_flag(struct endpoint *end, __u32 flag)
{
	__sync_fetch_and_or(&end->flags, flag);
}

static __always_inline void clear_flag(struct endpoint *end, __u32 flag)
{
	__sync_fetch_and_and(&end->flags, ~flag);
}

/*
 * Removes a record, which one of several who want to may do. A message that
 * knows it sees then that it is nobody's: keeps_its_key().
 */
static __always_inline bool forget_record(struct family maps, const void *key,
					  struct endpoint *record)
{
	__u64 cookie = record->cookie;

	return cookie &&
	       __sync_val_compare_and_swap(&record->cookie, cookie, 0) == cookie &&
	       !bpf_map_delete_elem(maps.endpoints, key);
}

/*
 * A key has one owner. The record is written before the socket enters
 * INTERCEPT_MAP and marked READY after it, so a READY record and the entry
 * always mean the same socket, whatever other namespaces do with the tuple.
 * One without a cookie is about to be written, or removed: nobody else's.
 */
static __always_inline struct endpoint *claim(struct family maps,
					      const void *key,
					      const struct endpoint *mine,
					      enum kept_out *why)
{
	struct endpoint *record = bpf_map_lookup_elem(maps.endpoints, key);
	long error;

	*why = KEPT_OUT_KEY_TAKEN;
	if (record && record->cookie && !is_alive(record) &&
	    !forget_record(maps, key, record))
		return NULL;
	error = bpf_map_update_elem(maps.endpoints, key,
				    (const void *)&EMPTY_RECORD, BPF_NOEXIST);
	if (error) {
		*why = error == -EEXIST ? KEPT_OUT_KEY_TAKEN : KEPT_OUT_FULL;
		return NULL;
	}
	record = bpf_map_lookup_elem(maps.endpoints, key);
	if (!record)
		return NULL;
	record->sock = mine->sock;
	record->registered_ns = mine->registered_ns;
	record->first_sent = mine->first_sent;
	record->first_received = mine->first_received;
	record->redirect_seq = mine->redirect_seq;
	/* Last: with it the record is somebody's. */
	__sync_lock_test_and_set(&record->cookie, mine->cookie);
	return record;
}

/* The record under the socket's key, if it is the socket's own. */
static __always_inline struct endpoint *own_record(struct bpf_sock_ops *ctx,
						   struct family maps,
						   const void *key)
{
	struct endpoint *self = bpf_map_lookup_elem(maps.endpoints, key);

	return self && self->cookie == bpf_get_socket_cookie(ctx) ? self : NULL;
}

/*
 * A socket's counters have one writer, whoever holds its lock to send. Those
 * of a CPU may have several: a program can be preempted by another sender.
 */
static __always_inline void count_redirect(struct endpoint *sender, __u32 bytes)
{
	struct counters *all = bpf_map_lookup_elem(&totals, &ONLY);

	sender->sent.redirects++;
	sender->sent.redirect_bytes += bytes;
	if (all) {
		__sync_fetch_and_add(&all->redirects, 1);
		__sync_fetch_and_add(&all->redirect_bytes, bytes);
	}
}

static __always_inline void count_pass(struct endpoint *sender,
				       enum pass_reason reason)
{
	struct counters *all = bpf_map_lookup_elem(&totals, &ONLY);

	sender->sent.passes[reason]++;
	if (all)
		__sync_fetch_and_add(&all->passes[reason], 1);
}
