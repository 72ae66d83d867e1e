/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Stands in for guarded.bpf.c: the verifier refuses it, since it reads through a null pointer. */
#include "../../bpf/maps.h"

SEC("sockops")
int handle_sock_ops(struct bpf_sock_ops *ctx)
{
	struct SockKey key = key_of(ctx);
	struct endpoint *end = bpf_map_lookup_elem(&endpoints, &key);

	return end->flags;
}

SEC("sk_msg")
int redirect_traffic(struct sk_msg_md *msg)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
