/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Another tool at the same sockets: it puts them into a sockmap of its own, and passes every message. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} other_sockets SEC(".maps");

SEC("sockops")
int other_ops(struct bpf_sock_ops *ctx)
{
	__u64 key = bpf_get_socket_cookie(ctx);

	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_hash_update(ctx, &other_sockets, &key, BPF_NOEXIST);
	return 1;
}

SEC("sk_msg")
int other_msg(struct sk_msg_md *msg)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
