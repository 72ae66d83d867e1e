/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Read this first.
 *
 * A SockKey names one end of a TCP connection by its 4-tuple, seen from the
 * socket's own side. All four fields are in HOST byte order, so that a key
 * means the same to a C program, to a TypeScript program and to a reader.
 *
 *   10.0.0.1:5000->10.0.0.2:80   is   { sip 10.0.0.1, dip 10.0.0.2,
 *                                       sport 5000,   dport 80 }
 *
 * The other end of the same connection has the same numbers, swapped: that
 * is the reverse key, and it is how a sender finds its peer.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#define AF_INET 2
#define AF_INET6 10

struct SockKey {
	__u32 sip;
	__u32 dip;
	__u32 sport;
	__u32 dport;
};

/* The same for IPv6. Its addresses stay as they are on the wire. */
struct SockKey6 {
	__u32 sip[4];
	__u32 dip[4];
	__u32 sport;
	__u32 dport;
};

static __always_inline struct SockKey reverse_key(const struct SockKey *key)
{
	return (struct SockKey){
		.sip = key->dip,
		.dip = key->sip,
		.sport = key->dport,
		.dport = key->sport,
	};
}

static __always_inline struct SockKey6 reverse_key6(const struct SockKey6 *key)
{
	return (struct SockKey6){
		.sip = { key->dip[0], key->dip[1], key->dip[2], key->dip[3] },
		.dip = { key->sip[0], key->sip[1], key->sip[2], key->sip[3] },
		.sport = key->dport,
		.dport = key->sport,
	};
}

static __always_inline bool same_words(const __u32 *a, const __u32 *b,
				       int count)
{
	for (int i = 0; i < count; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

#define same_key(a, b) \
	same_words((const __u32 *)(a), (const __u32 *)(b), sizeof(*(a)) / 4)

/*
 * The kernel does not keep the four fields alike (include/uapi/linux/bpf.h):
 *
 *   local_ip4, remote_ip4  network order              -> ntohl
 *   remote_port            network order, 32 bits     -> ntohl
 *   local_port             host order already         -> as it is
 *
 * Both contexts, that of SOCK_OPS and that of SK_MSG, have these names.
 */
#define key_of(ctx)                                    \
	((struct SockKey){                             \
		.sip = bpf_ntohl((ctx)->local_ip4),    \
		.dip = bpf_ntohl((ctx)->remote_ip4),   \
		.sport = (ctx)->local_port,            \
		.dport = bpf_ntohl((ctx)->remote_port) \
	})

#define key6_of(ctx)                                                      \
	((struct SockKey6){                                               \
		.sip = { (ctx)->local_ip6[0], (ctx)->local_ip6[1],        \
			 (ctx)->local_ip6[2], (ctx)->local_ip6[3] },      \
		.dip = { (ctx)->remote_ip6[0], (ctx)->remote_ip6[1],      \
			 (ctx)->remote_ip6[2], (ctx)->remote_ip6[3] },    \
		.sport = (ctx)->local_port,                               \
		.dport = bpf_ntohl((ctx)->remote_port)                    \
	})

/*
 * A server that listens on "::" gets its IPv4 clients as AF_INET6 sockets
 * with the remote address ::ffff:a.b.c.d. On the wire, and in local_ip4 and
 * remote_ip4, they are IPv4 all the same.
 */
#define is_mapped_ipv4(ip6) \
	((ip6)[0] == 0 && (ip6)[1] == 0 && (ip6)[2] == bpf_htonl(0xffff))

#define speaks_ipv4(ctx)              \
	((ctx)->family == AF_INET ||  \
	 ((ctx)->family == AF_INET6 && is_mapped_ipv4((ctx)->remote_ip6)))

#define speaks_ipv6(ctx) \
	((ctx)->family == AF_INET6 && !is_mapped_ipv4((ctx)->remote_ip6))
