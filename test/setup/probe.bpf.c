/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The least that the kernel tests lean on: a SOCKHASH and a program that may
 * redirect into it. It is not one of ours on purpose: when this one loads and
 * ours does not, that is a failure and no reason to skip.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} splice_probe SEC(".maps");

SEC("sk_msg")
int splice_probe_msg(struct sk_msg_md *msg)
{
	__u64 key = 0;

	bpf_msg_redirect_hash(msg, &splice_probe, &key, BPF_F_INGRESS);
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
