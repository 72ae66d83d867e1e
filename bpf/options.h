/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Options rule. Some options ask for what only TCP gives: timestamps, a count
 * of the bytes that are ready, notice of zero-copy sends, a low-water mark, a
 * place to peek at. A socket that has one gets no entry; one that sets it later
 * leaves the map. And kTLS is refused to an entry: redirected bytes that wait
 * unread would be taken for decrypted ones (net/tls/tls_sw.c, tls_sw_recvmsg).
 */
#pragma once

#include "maps.h"
#include "registration.h"

/* include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h */
#define SO_RCVLOWAT 18
#define SO_TIMESTAMP_OLD 29
#define SO_TIMESTAMPNS_OLD 35
#define SO_TIMESTAMPING_OLD 37
#define SO_PEEK_OFF 42
#define SO_ZEROCOPY 60
#define SO_TIMESTAMP_NEW 63
#define SO_TIMESTAMPNS_NEW 64
#define SO_TIMESTAMPING_NEW 65
#define TCP_ULP 31
#define TCP_INQ 36

#define SOCK_FLAG(name) (1UL << bpf_core_enum_value(enum sock_flags, name))

/* Whether a socket has such an option already; listeners hand theirs on. */
static __always_inline bool asks_for_tcp(const struct tcp_sock *tcp)
{
	const struct sock *sk = (const struct sock *)tcp;

	return (BPF_CORE_READ(sk, __sk_common.skc_flags) &
		(SOCK_FLAG(SOCK_RCVTSTAMP) | SOCK_FLAG(SOCK_ZEROCOPY))) ||
	       BPF_CORE_READ_BITFIELD_PROBED(sk, sk_tsflags) ||
	       BPF_CORE_READ(sk, sk_rcvlowat) > 1 ||
	       BPF_CORE_READ(sk, sk_peek_off) >= 0 ||
	       BPF_CORE_READ_BITFIELD_PROBED(tcp, recvmsg_inq) ||
	       BPF_CORE_READ((const struct inet_connection_sock *)tcp, icsk_ulp_ops);
}

/* ---- options that are set later: a program at setsockopt(2) ---- */

/* Whether the option, set to this value, asks for what only TCP gives. */
static __always_inline bool only_tcp_gives(int level, int option, int value)
{
	if (level == SOL_TCP)
		return option == TCP_INQ && value;
	if (level != SOL_SOCKET)
		return false;
	switch (option) {
	case SO_RCVLOWAT: /* what is negative is as much as there can be */
		return value > 1 || value < 0;
	case SO_PEEK_OFF:
		return value >= 0;
	case SO_TIMESTAMP_OLD:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_OLD:
	case SO_TIMESTAMPNS_NEW:
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
	case SO_ZEROCOPY:
		return value;
	}
	return false;
}

static __always_inline struct endpoint *
record_at(const struct registration *mine)
{
	struct endpoint *record;

	if (mine->is_ipv6)
		record = bpf_map_lookup_elem(&endpoints6, &mine->key6);
	else
		record = bpf_map_lookup_elem(&endpoints, &mine->key);
	return record && record->cookie == mine->cookie ? record : NULL;
}

/*
 * Returns whether the option may be set. An end that was not paired yet may
 * have anything: the mark keeps it from being paired.
 */
static __always_inline bool note_option(struct bpf_sockopt *ctx, int value)
{
	struct registration *mine;
	struct endpoint *record;
	bool is_ulp = ctx->level == SOL_TCP && ctx->optname == TCP_ULP;

	if (!is_ulp && !only_tcp_gives(ctx->level, ctx->optname, value))
		return true;
	mine = ctx->sk ? bpf_sk_storage_get(&registrations, ctx->sk, NULL, 0) : NULL;
	record = mine ? record_at(mine) : NULL;
	if (!record)
		return true;
	if (is_ulp && (record->flags & (ENDPOINT_PAIRED | ENDPOINT_ADOPTED)))
		return false;
	set_flag(record, ENDPOINT_OPTIONS);
	return true;
}
