/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Ends of new connections that get no entry: counted, and told. */
#pragma once

#include "events.h"
#include "maps.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kept_out_counts);
} kept_out SEC(".maps");

static __always_inline void note_kept_out(struct bpf_sock_ops *ctx,
					  enum kept_out why,
					  struct family maps, const void *key)
{
	struct kept_out_counts *all = bpf_map_lookup_elem(&kept_out, &ONLY);
	struct event event = {
		.cookie = bpf_get_socket_cookie(ctx),
		.type = EVENT_KEPT_OUT,
		.about.kept_out = why,
	};

	if (all && why < KEPT_OUT_REASONS)
		__sync_fetch_and_add(&all->ends[why], 1);
	set_key(&event, maps, key);
	publish(&event, ALL_READERS);
}
