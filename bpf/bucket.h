/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Crowd rule. A SOCKHASH hashes without a seed (net/core/sock_map.c,
 * sock_hash_bucket_hash), so whoever chooses ports chooses buckets, and each
 * message walks the bucket of its peer. A bucket is kept short: a socket that
 * makes it too long goes out again, and stays with TCP.
 *
 * What is chosen at random never comes near the limit: with as many buckets as
 * entries, one in 10^13 has 16.
 */
#pragma once

#include "maps.h"

#define LONGEST_BUCKET 16

/* include/linux/jhash.h, on keys whose length is a multiple of four */
#define JHASH_INITVAL 0xdeadbeef

static __always_inline __u32 rotate(__u32 word, int bits)
{
	return word << bits | word >> (32 - bits);
}

static __always_inline __u32 jhash_words(const __u32 *key, int count)
{
	__u32 a = JHASH_INITVAL + 4 * count, b = a, c = a;

	for (; count > 3; count -= 3, key += 3) {
		a += key[0];
		b += key[1];
		c += key[2];
		a -= c; a ^= rotate(c, 4);  c += b;
		b -= a; b ^= rotate(a, 6);  a += c;
		c -= b; c ^= rotate(b, 8);  b += a;
		a -= c; a ^= rotate(c, 16); c += b;
		b -= a; b ^= rotate(a, 19); a += c;
		c -= b; c ^= rotate(b, 4);  b += a;
	}
	if (count > 2)
		c += key[2];
	if (count > 1)
		b += key[1];
	a += key[0];
	c ^= b; c -= rotate(b, 14);
	a ^= c; a -= rotate(c, 11);
	b ^= a; b -= rotate(a, 25);
	c ^= b; c -= rotate(b, 16);
	a ^= c; a -= rotate(c, 4);
	b ^= a; b -= rotate(a, 14);
	c ^= b; c -= rotate(b, 24);
	return c;
}

/*
 * How many entries the bucket has that begins with a node, and 0 when the
 * socket is not among the first of them: a kernel that hashes otherwise does
 * not have it there. (Neither static nor inlined: the verifier goes through it
 * once, by itself.)
 */
__noinline int length_with(__u64 first, __u64 socket)
{
	struct hlist_node *node = (struct hlist_node *)first;
	bool is_there = false;
	int length = 0;

	while (node && length <= LONGEST_BUCKET) {
		struct bpf_shtab_elem *entry =
			(void *)node - bpf_core_field_offset(struct bpf_shtab_elem, node);

		if ((__u64)READ(struct bpf_shtab_elem, entry, sk) == socket)
			is_there = true;
		node = READ(struct hlist_node, node, next);
		length++;
	}
	return is_there ? length : 0;
}

static __always_inline __u64 first_in(const struct bpf_shtab *table, __u32 hash)
{
	__u64 bucket = hash & (table->buckets_num - 1), first = 0;
	const void *at = (const void *)table->buckets +
			 bucket * bpf_core_type_size(struct bpf_shtab_bucket);

	bpf_probe_read_kernel(&first, sizeof(first),
			      at + bpf_core_field_offset(struct bpf_shtab_bucket,
							 head.first));
	return first;
}

/* The first node of the bucket that a key belongs to. */
static __always_inline __u64 first_of(struct family maps, const void *key)
{
	if (maps.endpoints == &endpoints)
		return first_in((const struct bpf_shtab *)&INTERCEPT_MAP,
				jhash_words(key, sizeof(struct SockKey) / 4));
	return first_in((const struct bpf_shtab *)&INTERCEPT_MAP6,
			jhash_words(key, sizeof(struct SockKey6) / 4));
}

/* Whether the socket is in the sockhash under this key. */
static __always_inline bool is_entry(struct family maps, const void *key,
				     __u64 socket)
{
	return length_with(first_of(maps, key), socket) > 0;
}

/* Whether the entry that was just made leaves its bucket short enough. */
static __always_inline bool fits_bucket(struct family maps, const void *key,
					__u64 socket)
{
	int length = length_with(first_of(maps, key), socket);

	return length > 0 && length <= LONGEST_BUCKET;
}
