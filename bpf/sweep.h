/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Records of sockets that are closed and whose end SOCK_OPS was not told: those
 * of adopted sockets, and those of sockets whose callback flags another program
 * wiped. User space sweeps them when it looks; the programs, when no room is left.
 */
#pragma once

#include "events.h"
#include "maps.h"

/* Removes the record of a socket that is closed. Returns whether it was that. */
static __always_inline bool sweep_record(struct family maps, const void *key,
					 struct endpoint *record)
{
	__u64 cookie = record->cookie;

	if (!cookie || is_alive(record))
		return false;
	if (forget_record(maps, key, record))
		tell_entry(EVENT_CLOSED, cookie, VERDICT_NONE, maps, key);
	return true;
}

/*
 * An end that connected and found no peer within seconds has nothing to lose:
 * nothing was redirected to it, nor by it. It keeps nobody from a key or from
 * the map: with TCP_REPAIR such ends cost their maker no packet.
 */
#define UNPAIRED_NS 10000000000ULL

static __always_inline bool is_left_unpaired(const struct endpoint *record)
{
	return record->cookie &&
	       !(record->flags & (ENDPOINT_PAIRED | ENDPOINT_ADOPTED |
				  ENDPOINT_RESERVED)) &&
	       bpf_ktime_get_ns() - record->registered_ns > UNPAIRED_NS;
}

static __always_inline void displace(struct family maps, const void *key,
				     struct endpoint *record)
{
	__u64 cookie = record->cookie;

	if (!is_left_unpaired(record) || !forget_record(maps, key, record))
		return;
	bpf_map_delete_elem(maps.sockets, key);
	tell_entry(EVENT_CLOSED, cookie, VERDICT_PASSED + PASS_NO_PEER, maps, key);
}

static __always_inline void displace_unpaired(struct family maps, const void *key)
{
	struct endpoint *record = bpf_map_lookup_elem(maps.endpoints, key);

	if (record)
		displace(maps, key, record);
}

#define SWEEP_EVERY_NS 1000000000ULL

static __u64 swept_ns;

static long sweep_ipv4(struct bpf_map *map, const struct SockKey *key,
		       struct endpoint *record, void *unused)
{
	struct SockKey copy = *key;

	if (!sweep_record(IPV4, &copy, record))
		displace(IPV4, &copy, record);
	return 0;
}

static long sweep_ipv6(struct bpf_map *map, const struct SockKey6 *key,
		       struct endpoint *record, void *unused)
{
	struct SockKey6 copy = *key;

	if (!sweep_record(IPV6, &copy, record))
		displace(IPV6, &copy, record);
	return 0;
}

/* Makes room, at most once a second: it goes through all records. */
static __always_inline void sweep_when_full(struct family maps)
{
	__u64 now = bpf_ktime_get_ns(), before = swept_ns;

	if (now - before < SWEEP_EVERY_NS ||
	    __sync_val_compare_and_swap(&swept_ns, before, now) != before)
		return;
	if (maps.endpoints == &endpoints)
		bpf_for_each_map_elem(&endpoints, sweep_ipv4, NULL, 0);
	else
		bpf_for_each_map_elem(&endpoints6, sweep_ipv6, NULL, 0);
}
