/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Begins and ends the tracing of endpoints. It is done in the kernel because
 * a record's flags have other writers: user space would write over theirs.
 */
#include "maps.h"

/* One at a time: each reader loads this object for itself. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace);
} traces SEC(".maps");

static __always_inline void set_trace(struct endpoint *end,
				      const struct trace *trace)
{
	__u32 flag = ENDPOINT_TRACED << (trace->reader % EVENT_READERS);

	if (!end)
		return;
	if (trace->action == TRACE_BEGIN)
		set_flag(end, flag);
	else
		clear_flag(end, flag);
}

SEC("iter/bpf_map_elem")
int trace_endpoints(struct bpf_iter__bpf_map_elem *ctx)
{
	struct trace *trace = bpf_map_lookup_elem(&traces, &ONLY);
	struct SockKey *at = ctx->key, key, reverse;

	if (!trace || !at)
		return 0;
	key = *at;
	reverse = reverse_key(&key);
	if (trace->action == TRACE_END_ALL || same_key(&key, &trace->key) ||
	    same_key(&reverse, &trace->key))
		set_trace(bpf_map_lookup_elem(&endpoints, &key), trace);
	return 0;
}

SEC("iter/bpf_map_elem")
int trace_endpoints6(struct bpf_iter__bpf_map_elem *ctx)
{
	struct trace *trace = bpf_map_lookup_elem(&traces, &ONLY);
	struct SockKey6 *at = ctx->key, key, reverse;

	if (!trace || !at)
		return 0;
	key = *at;
	reverse = reverse_key6(&key);
	if (trace->action == TRACE_END_ALL || same_key(&key, &trace->key6) ||
	    same_key(&reverse, &trace->key6))
		set_trace(bpf_map_lookup_elem(&endpoints6, &key), trace);
	return 0;
}

/* Some helpers are for GPL-compatible programs only. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";
