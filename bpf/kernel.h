/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The few kernel fields that are read. The offsets written here do not
 * matter: preserve_access_index makes the loader look each field up by name
 * in the running kernel's BTF (CO-RE), so one object serves every kernel.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>

#define KERNEL_TYPE __attribute__((preserve_access_index))

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long long counter;
} atomic64_t;

struct list_head {
	struct list_head *next;
} KERNEL_TYPE;

/* include/net/sock.h */
struct proto {
	unsigned long *memory_pressure; /* of all sockets of its kind */
} KERNEL_TYPE;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport; /* network order */
	__u16 skc_num;    /* host order: the local port */
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct proto *skc_prot;
	atomic64_t skc_cookie;
} KERNEL_TYPE;

struct sock_backlog {
	atomic_t rmem_alloc;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	struct sock_backlog sk_backlog;
	int sk_rcvbuf;
	__u8 sk_userlocks;
	__u16 sk_protocol;
	__u16 sk_type;
	void *sk_user_data;
} KERNEL_TYPE;

#define SOCK_RCVBUF_LOCK 2
#define SK_USER_DATA_PSOCK 4UL
#define SK_USER_DATA_FLAGS 7UL

/* include/linux/tcp.h; a tcp_sock begins with its sock */
struct tcp_sock {
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u32 write_seq;
	__u32 snd_una;
	__u64 bytes_acked;
	__u64 bytes_received;
} KERNEL_TYPE;

/* include/linux/skmsg.h */
struct sk_msg_sg {
	__u32 size;
} KERNEL_TYPE;

struct sk_msg {
	struct sk_msg_sg sg;
	struct list_head list;
} KERNEL_TYPE;

struct sk_psock {
	struct list_head ingress_msg;
	__u32 msg_tot_len; /* 6.18.14 and its siblings, 7.2.12 */
} KERNEL_TYPE;

/* kernel/bpf/bpf_iter.c, net/core/sock_map.c, kernel/bpf/task_iter.c */
struct seq_file;
struct file;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_TYPE;

struct bpf_iter__sockmap {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	struct sock *sk;
} KERNEL_TYPE;

struct task_struct {
	int tgid;
	char comm[16];
	struct task_struct *group_leader;
} KERNEL_TYPE;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} KERNEL_TYPE;

struct socket {
	struct sock *sk;
} KERNEL_TYPE;
