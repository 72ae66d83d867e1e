/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Other programs on the same cgroup and the same sockets, as a telemetry agent
 * or a proxy has them. The test says at compile time what they do.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifndef FLAGS
#define FLAGS (BPF_SOCK_OPS_RTT_CB_FLAG | BPF_SOCK_OPS_STATE_CB_FLAG)
#endif

/* 0: connections, 1: RTT events, 2: changes of state */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} neighbour_seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} neighbour_map SEC(".maps");

static __always_inline void count(__u32 what)
{
	__u64 *seen = bpf_map_lookup_elem(&neighbour_seen, &what);

	if (seen)
		__sync_fetch_and_add(seen, 1);
}

/* Sets the callback flags that it wants, and no others. */
SEC("sockops")
int neighbour_flags(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		bpf_sock_ops_cb_flags_set(ctx, FLAGS);
		count(0);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		count(1);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		count(2);
		break;
	}
	return 1;
}

/* Puts each socket into a sockmap of its own. */
SEC("sockops")
int neighbour_puts(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
		__u64 key = bpf_get_socket_cookie(ctx);

		bpf_sock_hash_update(ctx, &neighbour_map, &key, BPF_NOEXIST);
	}
	return 1;
}

SEC("sk_msg")
int neighbour_msg(struct sk_msg_md *msg)
{
	return SK_PASS;
}

SEC("sk_skb/stream_verdict")
int neighbour_skb(struct __sk_buff *skb)
{
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
