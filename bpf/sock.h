/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What the iterators read of a struct sock. */
#pragma once

#include "maps.h"

static __always_inline struct SockKey key_of_sock(const struct sock *sk)
{
	return (struct SockKey){
		.sip = bpf_ntohl(sk->__sk_common.skc_rcv_saddr),
		.dip = bpf_ntohl(sk->__sk_common.skc_daddr),
		.sport = sk->__sk_common.skc_num,
		.dport = bpf_ntohs(sk->__sk_common.skc_dport),
	};
}

static __always_inline struct SockKey6 key6_of_sock(const struct sock *sk)
{
	struct SockKey6 key = {
		.sport = sk->__sk_common.skc_num,
		.dport = bpf_ntohs(sk->__sk_common.skc_dport),
	};

	bpf_core_read(key.sip, sizeof(key.sip),
		      &sk->__sk_common.skc_v6_rcv_saddr);
	bpf_core_read(key.dip, sizeof(key.dip), &sk->__sk_common.skc_v6_daddr);
	return key;
}

static __always_inline bool is_ipv6(const struct sock *sk,
				    const struct SockKey6 *key)
{
	return sk->__sk_common.skc_family == AF_INET6 &&
	       !is_mapped_ipv4(key->dip);
}

static __always_inline bool is_tcp(const struct sock *sk)
{
	unsigned short family = sk->__sk_common.skc_family;

	return (family == AF_INET || family == AF_INET6) &&
	       sk->sk_protocol == IPPROTO_TCP && sk->sk_type == SOCK_STREAM;
}

/* A socket in a sockmap has a psock; null for others. */
static __always_inline struct sk_psock *psock_of(const struct sock *sk)
{
	return psock_in((__u64)sk->sk_user_data);
}
