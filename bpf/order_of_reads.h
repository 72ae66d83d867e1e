/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The order of reads. What one CPU writes in an order another one may see in
 * another order, unless both insist. An atomic operation that returns a value
 * is a full barrier in BPF, on every machine (Linux: Documentation/bpf/
 * standardization/instruction-set.rst, Documentation/memory-barriers.txt).
 */
#pragma once

#include <linux/bpf.h>

/* What is read before this line in the program is read before what follows. */
#define READ_IN_ORDER()                               \
	do {                                          \
		__u64 word = 0;                       \
		word = __sync_fetch_and_add(&word, 1); \
		barrier_var(word); /* it is used */   \
	} while (0)
