/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What a socket itself knows of its entry. It stays with the socket, under
 * whatever addresses it is used next, and goes with it.
 */
#pragma once

#include "bucket.h"
#include "maps.h"

struct registration {
	union {
		struct SockKey key;
		struct SockKey6 key6;
	};
	__u64 sock;   /* as in struct endpoint */
	__u64 cookie; /* likewise */
	__u32 is_ipv6;
	__u32 asked; /* callback flags that were set for it, and not before */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct registration);
} registrations SEC(".maps");

static __always_inline struct registration *
registration_of(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	return sk ? bpf_sk_storage_get(&registrations, sk, NULL, 0) : NULL;
}

static __always_inline void set_registration(struct registration *mine,
					     struct family maps,
					     const void *key,
					     const struct endpoint *record)
{
	mine->is_ipv6 = maps.endpoints == &endpoints6;
	if (mine->is_ipv6)
		mine->key6 = *(const struct SockKey6 *)key;
	else
		mine->key = *(const struct SockKey *)key;
	mine->sock = record->sock;
	mine->cookie = record->cookie;
}

/* ---- at which events SOCK_OPS is called ---- */

/*
 * One word for all SOCK_OPS programs of a socket: each can wipe what another
 * has asked for (net/core/filter.c, bpf_sock_ops_cb_flags_set). Only what was
 * set here is taken back, and what is missing is asked for again.
 */
#define TCP_SENDS BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG
#define STATE_CHANGES BPF_SOCK_OPS_STATE_CB_FLAG

static __always_inline void ask_for_events(struct bpf_sock_ops *ctx,
					   struct registration *mine)
{
	__u32 now = ctx->bpf_sock_ops_cb_flags;
	__u32 missing = (TCP_SENDS | STATE_CHANGES) & ~now;

	if (!missing)
		return;
	mine->asked |= missing;
	bpf_sock_ops_cb_flags_set(ctx, now | missing);
}

/* It leaves the map: nothing needs to be done any more when TCP sends. */
static __always_inline void stop_asking(struct bpf_sock_ops *ctx,
					struct registration *mine)
{
	if (mine->asked & TCP_SENDS)
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags &
						       ~TCP_SENDS);
	mine->asked &= ~TCP_SENDS;
}

/* Whether SOCK_OPS will be called before TCP sends the next byte of a socket. */
static __always_inline bool hears_tcp_send(const struct tcp_sock *tcp)
{
	return tcp->bpf_sock_ops_cb_flags & TCP_SENDS;
}
