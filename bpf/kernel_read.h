/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * How a program reads the kernel's memory at an address it was told. Neither
 * way can fault: at a stale address one gets what lies there now, or 0.
 */
#pragma once

#include "kernel.h"

/*
 * Since Linux 6.2 an address can be cast, and then read by plain loads. Where
 * the kernel has no such function, user space leaves the switch at 0, and the
 * verifier takes the calls away with all else that cannot be reached.
 */
extern void *bpf_rdonly_cast(const void *address, __u32 type) __ksym __weak;

const volatile __u64 has_rdonly_cast SEC(".rodata.cast") = 0;

#define CAST(type, address)                                                   \
	((type *)bpf_rdonly_cast((const void *)(address),                     \
				 bpf_core_type_id_kernel(type)))

/*
 * READ(struct sock, sk, sk_lock.owned); pointers on the way are one READ each.
 * The address is taken first: what it is read from need not be in the kernel's BTF.
 */
#define READ(type, address, field)                                            \
	({                                                                    \
		type *at_ = (type *)(address);                                \
		has_rdonly_cast ? CAST(type, at_)->field :                     \
				  BPF_CORE_READ(at_, field);                  \
	})

/* The sending socket of an SK_MSG program; it always is a whole TCP socket. */
static __always_inline struct tcp_sock *tcp_of(struct bpf_sock *sk)
{
	return has_rdonly_cast ? CAST(struct tcp_sock, sk) : bpf_skc_to_tcp_sock(sk);
}
