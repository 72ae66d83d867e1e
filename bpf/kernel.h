/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The few kernel fields that are read. The offsets written here do not
 * matter: preserve_access_index makes the loader look each field up by name
 * in the running kernel's BTF (CO-RE), so one object serves every kernel.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

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

typedef struct refcount_struct {
	atomic_t refs;
} KERNEL_TYPE refcount_t;

/* include/linux/wait.h: who sleeps, and what wakes it */
typedef struct wait_queue_head {
	struct list_head head;
} KERNEL_TYPE wait_queue_head_t;

struct wait_queue_entry {
	void *private; /* of one that sleeps: its task */
	void *func;
	struct list_head entry;
} KERNEL_TYPE;

/* include/linux/net.h */
struct socket_wq {
	wait_queue_head_t wait;
	void *fasync_list; /* who gets SIGIO */
} KERNEL_TYPE;

/* include/uapi/linux/in6.h, without its union */
struct in6_addr {
	__u32 in6_u[4];
};

/* include/linux/eventpoll.h, fs/eventpoll.c: a socket that epoll watches */
struct epoll_event {
	__u32 events;
} KERNEL_TYPE;

struct eventpoll {
	wait_queue_head_t poll_wait; /* who waits for the epoll itself */
} KERNEL_TYPE;

struct epitem {
	struct eventpoll *ep;
	struct epoll_event event;
} KERNEL_TYPE;

struct eppoll_entry {
	struct epitem *base;
	struct wait_queue_entry wait;
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
	unsigned long skc_flags; /* a bit for each enum sock_flags */
	struct proto *skc_prot;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
} KERNEL_TYPE;

/* include/linux/cgroup-defs.h, kernfs.h: the id is the directory's inode */
struct kernfs_node {
	__u64 id;
} KERNEL_TYPE;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_TYPE;

struct sock_cgroup_data {
	struct cgroup *cgroup;
} KERNEL_TYPE;

typedef struct {
	int owned; /* a process is in a call that changes the socket */
	wait_queue_head_t wq; /* others that want to */
} KERNEL_TYPE socket_lock_t;

struct sock_backlog {
	atomic_t rmem_alloc;
} KERNEL_TYPE;

struct sock {
	struct sock_common __sk_common;
	struct sock_backlog sk_backlog;
	__u32 sk_tsflags;       /* SO_TIMESTAMPING */
	int sk_rcvlowat;
	int sk_peek_off;
	int sk_rcvbuf;
	int sk_err;
	__u8 sk_shutdown;
	__u8 sk_userlocks;
	__u16 sk_protocol;
	__u16 sk_type;
	socket_lock_t sk_lock;
	struct socket_wq *sk_wq;
	void *sk_user_data;
	struct sock_cgroup_data sk_cgrp_data;
} KERNEL_TYPE;

#define IPPROTO_TCP 6
#define SOL_SOCKET 1
#define SOL_TCP 6
#define SOCK_STREAM 1
#define SOCK_RCVBUF_LOCK 2
#define SOCK_MIN_RCVBUF 2048 /* and something, by the kernel */
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
	__u8 bpf_sock_ops_cb_flags; /* at which events SOCK_OPS is called */
	__u8 recvmsg_inq : 1;       /* TCP_INQ */
} KERNEL_TYPE;

/* The numbers that count are those of the running kernel. */
enum sock_flags {
	SOCK_RCVTSTAMP,
	SOCK_ZEROCOPY,
};

/* include/net/inet_connection_sock.h; a tcp_sock begins with it, too */
struct inet_connection_sock {
	void *icsk_ulp_ops;
} KERNEL_TYPE;

/* include/linux/skmsg.h */
struct sk_msg_sg {
	__u32 size;
} KERNEL_TYPE;

struct sk_msg {
	struct sk_msg_sg sg;
	struct list_head list;
} KERNEL_TYPE;

struct sk_psock_progs {
	void *stream_parser;
	void *stream_verdict;
	void *skb_verdict;
} KERNEL_TYPE;

struct sk_psock {
	struct sk_psock_progs progs;
	struct list_head ingress_msg;
	struct list_head link; /* the sockmaps that it is in */
	refcount_t refcnt;
	__u32 msg_tot_len; /* since 6.12.85, 6.18.15, 6.19 */
} KERNEL_TYPE;

/* sk_user_data of a socket in a sockmap holds its psock; null for others. */
static __always_inline struct sk_psock *psock_in(__u64 user_data)
{
	if (!(user_data & SK_USER_DATA_PSOCK))
		return NULL;
	return (struct sk_psock *)(user_data & ~SK_USER_DATA_FLAGS);
}

/* net/core/sock_map.c: a SOCKHASH, and the chains of its entries */
struct hlist_node {
	struct hlist_node *next;
} KERNEL_TYPE;

struct hlist_head {
	struct hlist_node *first;
} KERNEL_TYPE;

struct bpf_shtab_bucket {
	struct hlist_head head;
} KERNEL_TYPE;

struct bpf_shtab_elem {
	struct sock *sk;
	struct hlist_node node;
} KERNEL_TYPE;

struct bpf_shtab {
	struct bpf_shtab_bucket *buckets;
	__u32 buckets_num;
} KERNEL_TYPE;

/* kernel/bpf/bpf_iter.c, net/core/sock_map.c, kernel/bpf/task_iter.c */
struct seq_file;
struct file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 seq_num; /* of the element, from 0 */
} KERNEL_TYPE;

struct bpf_iter__sockmap {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	struct sock *sk;
} KERNEL_TYPE;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} KERNEL_TYPE;

struct signal_struct {
	int nr_threads;
} KERNEL_TYPE;

struct task_struct {
	int tgid;
	char comm[16];
	struct signal_struct *signal;
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
