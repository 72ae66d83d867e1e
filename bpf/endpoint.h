/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * The structures that both sides share: the programs write them, user space
 * reads them. src/core/layout.ts has the same layouts; a test holds the two
 * together through the BTF of the compiled object.
 */
#pragma once

#include "sock_key.h"

/* Why a message went by TCP although its socket has an entry. */
enum pass_reason {
	PASS_NO_PEER, /* the peer has no entry: it is not local, or not spliced */
	PASS_ORDER,   /* bytes that went by TCP are not read yet */
	PASS_BACKLOG, /* the peer's queue is full */
	PASS_PAIR,    /* the socket under the reverse key is somebody else's end */
	PASS_BYPASS,  /* the switch is off, or one end is leaving the map */
	PASS_REASONS,
};

/* What a socket sent since it has an entry. */
struct counters {
	__u64 redirects;
	__u64 redirect_bytes;
	__u64 passes[PASS_REASONS];
};

enum endpoint_flags {
	ENDPOINT_READY = 1 << 0,   /* its socket is in INTERCEPT_MAP */
	ENDPOINT_DRAIN = 1 << 1,   /* redirect nothing to it: it is leaving */
	ENDPOINT_ADOPTED = 1 << 2, /* it had a life before its entry */
	ENDPOINT_PAIRED = 1 << 3,  /* its peer got an entry too, at some time */
	ENDPOINT_LEAVING = 1 << 4, /* what it sends is to leave the map: leave.h */
	ENDPOINT_RESERVED = 1 << 5, /* nobody's: a tool is about to put a socket here */
	ENDPOINT_SETTLED = 1 << 6,  /* LEAVING: nothing it redirected is under way */
	ENDPOINT_SENDERS = 1 << 7,  /* several threads have sent on it */
	ENDPOINT_OPTIONS = 1 << 8,  /* it asked for what only TCP gives: options.h */
	ENDPOINT_NO_SLEEPERS = 1 << 9, /* the policy: it leaves when somebody sleeps in recv() */
	ENDPOINT_TRACED = 1 << 24, /* reader 0 wants its messages; then 1, … */
};

/* Which readers want its messages: a bit for each. */
#define TRACING_READERS(end) ((end)->flags / ENDPOINT_TRACED)

/* How much was redirected up to some moment. */
struct mark {
	__u64 messages;
	__u64 bytes;
};

/* What became of a message; what passed is counted on from PASSED. */
enum verdict {
	VERDICT_NONE,
	VERDICT_REDIRECTED,
	VERDICT_PASSED, /* and an enum pass_reason */
};

/* Why a connection is better off with TCP, and leaves the map: leave.h. */
enum leave_reason {
	LEAVE_NOT,
	LEAVE_FALLBACKS,      /* it passed much more than it redirected */
	LEAVE_SMALL_MESSAGES, /* it streams small messages, which TCP packs */
	LEAVE_EDGE_TRIGGERED, /* its reader is told once, and might overlook bytes */
	LEAVE_OPTIONS,        /* an end asked for what only TCP gives */
	LEAVE_SLEEPERS,       /* somebody sleeps in recv(), where waking up in vain is EAGAIN */
};

/* Why a socket with a connection gets no entry: enter.h. */
enum kept_out {
	KEPT_OUT_NOT,
	KEPT_OUT_POLICY,  /* the policy says so */
	KEPT_OUT_FULL,    /* there is no room for it */
	KEPT_OUT_KEY_TAKEN,     /* another living socket, of another namespace, has its key */
	KEPT_OUT_OTHER_SOCKMAP,   /* it is in the sockmap of another program, or another splice */
	KEPT_OUT_CROWD,   /* too many entries share its bucket of the hash: bucket.h */
	KEPT_OUT_OPTIONS, /* it asked for what only TCP gives: options.h */
	KEPT_OUT_REUSED,  /* it had a connection before, and was disconnected */
	KEPT_OUT_REASONS,
};

/* How many ends were kept out, by reason. */
struct kept_out_counts {
	__u64 ends[KEPT_OUT_REASONS];
};

/* What the events last said of an endpoint's messages. */
enum told {
	TOLD_NOTHING,
	TOLD_REDIRECTED,
	TOLD_FELL_BACK,
};

/*
 * One end of a connection. It is the only owner of its key: see claim(). What
 * a message reads of its peer lies in the first 56 bytes, one cache line.
 */
struct endpoint {
	__u64 sock;            /* address of its tcp_sock: probe-read only */
	__u64 cookie;          /* tells whether that address is still the socket */
	__u32 turns;           /* how often it began to send after its peer */
	__u32 answered;        /* how many of its peer's turns came before that */
	__u32 first_sent;      /* sequence number of the first byte it sent */
	__u32 first_received;  /* and of the first byte it received */
	__u32 handover_seq;    /* ADOPTED: copied_seq when it got its entry */
	__u32 flags;           /* enum endpoint_flags */
	__u32 redirect_seq;    /* its write_seq when it last redirected */
	__u8 verdict;          /* enum verdict, of its last message */
	__u8 told;             /* enum told */
	__u8 leave_reason;     /* LEAVING: enum leave_reason */
	__u8 unseen;           /* messages since its peer's readers were looked at */
	__u64 sent_ns;         /* when it last sent, if that was timed: turn.h */
	__u64 registered_ns;   /* bpf_ktime_get_ns() */
	struct counters sent;
	struct mark read; /* the peer has read that much, at least */
	struct mark next; /* and so much when it has: see waiting() */
	__u64 verdict_ns; /* since when its messages get this verdict */
	__u64 told_ns;    /* when it was last told that they fell back, or came back */
	struct mark turn; /* what it sent since its peer sent last */
	__u64 turn_ns;    /* when that turn became a long one: turn.h */
	__u64 left_ns;    /* LEAVING: when its peer left the map, or 0 */
	__u64 left_cookie; /* and which socket that was */
	__u64 fallbacks;  /* how much more it passes than it redirects */
	__u64 sender;     /* the task that sent last: see note_sender() */
};

/* Durations are counted by their highest bit: bucket i has 2^(i+10) ns and up. */
#define DURATIONS 24

/*
 * Time from a socket's message to its peer's next one: where both were
 * redirected, and then where both went by TCP. turnaround.h keeps it.
 */
struct turnaround {
	__u32 counts[2 * DURATIONS];
};

/* What the endpoints maps hold; the rules know its first part only. */
struct endpoint_record {
	struct endpoint end;
	struct turnaround times;
};

/* Whether messages are redirected. User space writes it, nobody else. */
enum traffic {
	TRAFFIC_REDIRECT,
	TRAFFIC_BYPASS, /* everything by TCP; sockets still get entries */
	TRAFFIC_DRAIN,  /* everything by TCP, and no socket gets an entry */
};

enum mode {
	MODE_GUARDED,
	MODE_NAIVE,
};

struct settings {
	__u32 layout; /* LAYOUT_VERSION of whoever loaded the programs */
	enum mode mode;
	enum traffic traffic;
	__u32 queue_limit; /* bytes that may wait for a reader; SO_RCVBUF wins */
};

/* One row of a listing: inspect.bpf.c writes it, src/core/entry.ts reads. */
struct entry_facts {
	__u64 cookie;
	__u64 age_ns;
	struct counters sent;
	__u32 queued_bytes;
	__u8 state;   /* include/net/tcp_states.h */
	__u8 verdict; /* enum verdict, of its last message */
	__u8 is_awaited; /* somebody waits for its lock: a message may be under way to it */
	__u8 padding;
	__u64 verdict_age_ns;
};

struct entry_record {
	struct entry_facts facts;
	struct SockKey key;
};

struct entry_record6 {
	struct entry_facts facts;
	struct SockKey6 key;
};

/* How many can read events at once; each has a bit in struct endpoint. */
#define EVENT_READERS 8

enum event_type {
	EVENT_OPENED, /* it got its entry */
	EVENT_FIRST_REDIRECT,
	EVENT_FELL_BACK, /* after redirects, a message passed */
	EVENT_BACK_TO_REDIRECT,
	EVENT_CLOSED,  /* its socket closed; or it had no peer here, and left */
	EVENT_MESSAGE, /* one message of an endpoint that is traced */
	EVENT_LEFT,    /* better off with TCP, it left the map by itself: leave.h */
	EVENT_KEPT_OUT, /* a new connection's end got no entry */
};

/* What happened to an entry: events.h writes it, src/core/events.ts reads. */
struct event {
	__u64 at_ns;
	__u64 cookie;
	__u64 turnaround_ns; /* of a message; 0 when it answers nothing that was timed */
	union {
		__u32 bytes;        /* of a message */
		__u32 leave_reason; /* of EVENT_LEFT: enum leave_reason */
		__u32 kept_out;     /* of EVENT_KEPT_OUT: enum kept_out */
	} about;
	__u8 type;           /* enum event_type */
	__u8 verdict;        /* enum verdict */
	__u8 is_ipv6;
	__u8 is_adopted; /* opened: its close is told late, see sweep() */
	union {
		struct SockKey key;
		struct SockKey6 key6;
	};
};

/* Which endpoints are traced: trace.bpf.c. */
enum trace_action {
	TRACE_BEGIN, /* the endpoint under a key, and its peer */
	TRACE_END,
	TRACE_END_ALL, /* every one: the reader has gone */
};

struct trace {
	union {
		struct SockKey key;
		struct SockKey6 key6;
	};
	enum trace_action action;
	__u32 reader;
};

/* A process that has the socket of an entry open. */
struct owner_record {
	__u64 cookie;
	__u64 cgroup_id; /* where the socket was made */
	__u32 pid;
	__u32 padding;
	char comm[16];
};

/* Draining one entry: drain_entry() in inspect.bpf.c. */
enum drain_action {
	DRAIN_BEGIN,   /* redirect nothing to it any more */
	DRAIN_END,     /* as before */
	DRAIN_END_ALL, /* of every entry: whoever began it was killed */
	DRAIN_COUNT,   /* change nothing, and count those that are drained */
};

struct drain {
	union {
		struct SockKey key;
		struct SockKey6 key6;
	};
	enum drain_action action;
	__u32 count;
};

/* A socket with a connection and no entry: adopt.bpf.c writes it. */
struct candidate_record {
	__u64 cookie;
	__u64 cgroup_id;
	__u32 pid;
	__u32 fd;
	__u32 first_sent; /* as in struct endpoint */
	__u32 first_received;
	__u32 is_ipv6;
	union {
		struct SockKey key;
		struct SockKey6 key6;
	};
	__u32 is_edge_triggered; /* its reader is told once: readers.h */
	__u32 is_established;    /* neither end was closed yet */
	__u16 wants_tcp;         /* it asked for what only TCP gives: options.h */
	__u16 is_taken;          /* a sockmap has it, of another program or splice */
};

enum adoption_result {
	ADOPTION_DONE,
	ADOPTION_OTHER_KEY,  /* the socket's 4-tuple is not the entry's key */
	ADOPTION_KEY_TAKEN,  /* another living socket owns the key */
	ADOPTION_NOT_A_PAIR, /* its peer's record is of another connection */
	ADOPTION_CROWD,      /* there is no room for it: bucket.h */
	ADOPTION_OPTIONS,    /* it asked for what only TCP gives: options.h */
};

/* What came of the adoption of an entry that had no record. */
struct adoption_record {
	__u64 cookie;
	enum adoption_result result;
	__u32 padding;
};
