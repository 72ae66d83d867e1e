/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Another program that counts round trips. It sets the callback flags that it
 * wants, and wipes all others, like many do.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} round_trips SEC(".maps");

SEC("sockops")
int other_flags(struct bpf_sock_ops *ctx)
{
	__u32 only = 0;
	__u64 *count = bpf_map_lookup_elem(&round_trips, &only);

	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ||
	    ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_RTT_CB_FLAG);
	else if (ctx->op == BPF_SOCK_OPS_RTT_CB && count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
