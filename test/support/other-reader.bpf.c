/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Another program with a sockmap of its own, which looks at what is received and lets all of it pass. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} other_sockets SEC(".maps");

SEC("sockops")
int other_reader(struct bpf_sock_ops *ctx)
{
	__u64 key = bpf_get_socket_cookie(ctx);

	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_hash_update(ctx, &other_sockets, &key, BPF_NOEXIST);
	return 1;
}

SEC("sk_skb/stream_verdict")
int other_verdict(struct __sk_buff *skb)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
