/* canonical's C Raft (libraft) behind protocol 1 of raftcheck: a line of JSON in, one out.
 *
 * libraft reaches the world through struct raft_io, and nothing of it is changed. Its clock
 * is now, its randomness a seed, its disk the questions and answers, and its memory an arena
 * that each boot empties. set_term and set_vote return when they are durable; append and
 * truncate are reported later; messages do not wait for those. */
#include <raft.h>
#include <sys/mman.h>

#include "text.h"

enum { TICK = 100, HEARTBEAT = 100, ELECTION = 1000 }; /* milliseconds */

typedef unsigned long long u64;

static struct raft raft;
static struct raft_io io;
static struct raft_fsm fsm;
static raft_io_tick_cb on_tick;
static raft_io_recv_cb on_message;

static raft_time now;
static u64 luck;            /* the state of the generator */
static u64 issued, blocking; /* the last write, and the last that the library waited for */
static raft_index reported;  /* the last entry that an answer called applied */

/* Entry 1, the first configuration, is on every disk before its first use. To raftcheck the
 * log begins after it, so that an index here is one more than an index there. */
static raft_index shown_index(raft_index i) { return i > 0 ? i - 1 : 0; }

static struct text answer, writes, sends, replies;

/* ---- memory */

enum { GRAIN = 16 };
static const size_t arena_size = (size_t)1 << 32;
static char *arena;
static size_t used;

/* take returns memory of zeros: libraft sends and stores bytes that it never wrote. */
static void *take(size_t n)
{
    n = (n + GRAIN - 1) / GRAIN * GRAIN + GRAIN;
    if (used + n > arena_size) die("the arena is full");
    char *p = arena + used + GRAIN;
    *(size_t *)(p - GRAIN) = n - GRAIN;
    used += n;
    return p;
}

static void *heap_malloc(void *d, size_t n) { (void)d; return take(n); }
static void heap_free(void *d, void *p) { (void)d; (void)p; }
static void *heap_calloc(void *d, size_t k, size_t n) { (void)d; return take(k * n); }
static void *heap_realloc(void *d, void *p, size_t n)
{
    (void)d;
    void *larger = take(n);
    size_t had = p == NULL ? 0 : *(size_t *)((char *)p - GRAIN);
    if (had > 0) memcpy(larger, p, had < n ? had : n);
    return larger;
}
static void *heap_aligned(void *d, size_t to, size_t n)
{
    (void)d;
    return (void *)(((uintptr_t)take(n + to) + to - 1) / to * to);
}
static void heap_aligned_free(void *d, size_t to, void *p) { (void)d; (void)to; (void)p; }
static struct raft_heap heap = {
    NULL, heap_malloc, heap_free, heap_calloc, heap_realloc, heap_aligned, heap_aligned_free,
};

static void forget(void)
{
    memset(arena, 0, used);
    used = 0;
}

/* ---- entries: [TERM,TYPE,"BASE64"] in messages and records */

static const char *kind_of(unsigned short type)
{
    return type == RAFT_COMMAND ? "command" : type == RAFT_BARRIER ? "noop" : "config";
}

static void add_entries(struct text *t, const struct raft_entry *e, unsigned n)
{
    add(t, "[");
    for (unsigned i = 0; i < n; i++) {
        add(t, "%s[%llu,%d,", i > 0 ? "," : "", e[i].term, e[i].type);
        add_base64(t, e[i].buf.base, e[i].buf.len);
        add(t, "]");
    }
    add(t, "]");
}

/* read_entries reads a list into new memory, as libraft wants it: the data in one batch. */
static struct raft_entry *read_entries(const char *p, unsigned *count)
{
    unsigned n = 0;
    size_t bytes = 0;
    const char *q = p + 1;
    for (; *q == '[' || *q == ','; n++) {
        q = strchr(q, '"');
        bytes += (base64(&q, NULL) + 7) / 8 * 8;
        q++; /* the bracket */
    }
    struct raft_entry *entries = raft_calloc(n + 1, sizeof *entries);
    char *batch = raft_malloc(bytes + 8);
    q = p + 1;
    for (unsigned i = 0; i < n; i++) {
        struct raft_entry *e = &entries[i];
        e->term = number(&q);
        e->type = (unsigned short)number(&q);
        e->batch = e->buf.base = batch;
        q = strchr(q, '"');
        e->buf.len = base64(&q, e->buf.base);
        batch += (e->buf.len + 7) / 8 * 8;
        e->batch = entries[0].buf.base;
    }
    *count = n;
    return entries;
}

static struct raft_entry *entry_at(raft_index i)
{
    return &raft.log.entries[(raft.log.front + (i - 1 - raft.log.offset)) % raft.log.size];
}

static raft_term term_at(raft_index i)
{
    return i == 0 || i > raft_last_index(&raft) ? 0 : entry_at(i)->term;
}

static void add_logged(struct text *t, raft_index from, raft_index to)
{
    for (raft_index i = from; i <= to; i++) {
        struct raft_entry *e = entry_at(i);
        add(t, "%s{\"at\":[%llu,%llu],\"kind\":\"%s\",\"data\":", i > from ? "," : "", e->term, shown_index(i),
            kind_of(e->type));
        add_base64(t, e->buf.base, e->buf.len);
        add(t, "}");
    }
}

/* ---- the disk */

static struct
{
    raft_term term;
    raft_id vote;
    struct raft_entry entries[1 << 16];
    size_t n;
} disk; /* as it was at the boot */

struct append
{
    u64 id;
    struct raft_io_append *request;
    struct append *next;
};
static struct append *appends, **appends_end; /* that are not durable */

static int io_init(struct raft_io *i, raft_id id, const char *address) { (void)i; (void)id; (void)address; return 0; }
static void io_close(struct raft_io *i, raft_io_close_cb closed) { closed(i); }
static int io_start(struct raft_io *i, unsigned ms, raft_io_tick_cb tick, raft_io_recv_cb receive)
{
    (void)i; (void)ms;
    on_tick = tick;
    on_message = receive;
    return 0;
}

static int io_load(struct raft_io *i, raft_term *term, raft_id *vote, struct raft_snapshot **snapshot,
                   raft_index *start, struct raft_entry *entries[], size_t *n)
{
    (void)i;
    *term = disk.term;
    *vote = disk.vote;
    *snapshot = NULL;
    *start = 1;
    *n = disk.n;
    *entries = raft_calloc(disk.n + 1, sizeof **entries);
    memcpy(*entries, disk.entries, disk.n * sizeof **entries);
    return 0;
}

/* Every disk of a first member has term 1 and the first configuration before its first use. */
static int io_bootstrap(struct raft_io *i, const struct raft_configuration *first)
{
    (void)i;
    disk.term = 1;
    disk.n = 1;
    disk.entries[0] = (struct raft_entry){.term = 1, .type = RAFT_CHANGE};
    int rv = raft_configuration_encode(first, &disk.entries[0].buf);
    disk.entries[0].batch = disk.entries[0].buf.base;
    return rv;
}

static int io_set_term(struct raft_io *i, raft_term term)
{
    (void)i;
    blocking = ++issued;
    next(&writes);
    add(&writes, "{\"data\":{\"term\":%llu},\"blocking\":true}", term);
    return 0;
}

static int io_set_vote(struct raft_io *i, raft_id vote)
{
    (void)i;
    blocking = ++issued;
    next(&writes);
    add(&writes, "{\"data\":{\"vote\":%llu},\"blocking\":true}", vote);
    return 0;
}

static int io_append(struct raft_io *i, struct raft_io_append *request, const struct raft_entry entries[],
                     unsigned n, raft_io_append_cb done)
{
    (void)i;
    request->cb = done;
    struct append *a = raft_calloc(1, sizeof *a);
    *a = (struct append){++issued, request, NULL};
    *appends_end = a;
    appends_end = &a->next;
    next(&writes);
    add(&writes, "{\"data\":{\"append\":%llu,\"entries\":", raft_last_index(&raft) + 1 - n);
    add_entries(&writes, entries, n);
    add(&writes, "}}");
    return 0;
}

static int io_truncate(struct raft_io *i, raft_index from)
{
    (void)i;
    issued++;
    next(&writes);
    add(&writes, "{\"data\":{\"truncate\":%llu}}", from);
    return 0;
}

static void persisted(u64 id)
{
    while (appends != NULL && appends->id <= id) {
        struct raft_io_append *request = appends->request;
        appends = appends->next;
        if (appends == NULL) appends_end = &appends;
        request->cb(request, 0);
    }
}

/* read_disk reads the records of a boot and returns an error, or NULL. */
static const char *read_disk(const char *p)
{
    while ((p = strpbrk(p, "{")) != NULL) {
        const char *record = p++;
        if (strncmp(record, "{\"term\":", 8) == 0) {
            disk.term = number(&p);
            disk.vote = 0;
        } else if (strncmp(record, "{\"vote\":", 8) == 0) {
            disk.vote = number(&p);
        } else if (strncmp(record, "{\"truncate\":", 12) == 0) {
            disk.n = number(&p) - 1;
        } else if (number(&p) == disk.n + 1) {
            unsigned n;
            struct raft_entry *e = read_entries(key(record, "entries"), &n);
            if (disk.n + n > sizeof disk.entries / sizeof *e) return "the log is too long";
            memcpy(disk.entries + disk.n, e, n * sizeof *e);
            disk.n += n;
        } else {
            return "a record of entries that does not follow the one before it";
        }
    }
    return NULL;
}

/* ---- messages */

struct sent
{
    struct raft_io_send *request;
    raft_io_send_cb done;
    struct sent *next;
};
static struct sent *sent, **sent_end; /* whose callbacks are due */

static void head(const char *kind, const struct raft_message *m, raft_term term)
{
    next(&sends);
    add(&sends, "{\"to\":%llu,\"kind\":\"%s\",\"payload\":{\"type\":%d,\"term\":%llu", m->server_id, kind, m->type, term);
}

/* promise ends a message. It leaves once the writes that the library waited for are durable. */
static void promise(raft_term term, raft_id vote, raft_index last)
{
    add(&sends, "},\"after\":%llu,\"promise\":{\"term\":%llu,\"vote\":%llu,\"last\":[%llu,%llu]}}",
        blocking, term, vote, last > 1 ? term_at(last) : 0, term_at(last) > 0 ? shown_index(last) : 0);
}

static void add_message(const struct raft_message *m)
{
    const struct raft_request_vote *v = &m->request_vote;
    const struct raft_request_vote_result *granted = &m->request_vote_result;
    const struct raft_append_entries *a = &m->append_entries;
    const struct raft_append_entries_result *stored = &m->append_entries_result;
    const struct raft_timeout_now *t = &m->timeout_now;
    switch (m->type) {
    case RAFT_IO_REQUEST_VOTE:
        head("RequestVote", m, v->term);
        add(&sends, ",\"candidate\":%llu,\"last\":[%llu,%llu],\"disrupt\":%d,\"pre\":%d", v->candidate_id,
            v->last_log_term, v->last_log_index, v->disrupt_leader, v->pre_vote);
        promise(raft.current_term, 0, 0); /* a pre-vote is about a term that its sender is not in */
        break;
    case RAFT_IO_REQUEST_VOTE_RESULT:
        head("VoteReply", m, granted->term);
        add(&sends, ",\"granted\":%d,\"pre\":%d", granted->vote_granted, granted->pre_vote);
        promise(raft.current_term, granted->vote_granted && granted->pre_vote != raft_tribool_true ? m->server_id : 0, 0);
        break;
    case RAFT_IO_APPEND_ENTRIES:
        head("AppendEntries", m, a->term);
        add(&sends, ",\"prev\":[%llu,%llu],\"commit\":%llu,\"entries\":", a->prev_log_term, a->prev_log_index,
            a->leader_commit);
        add_entries(&sends, a->entries, a->n_entries);
        promise(a->term, 0, 0);
        break;
    case RAFT_IO_APPEND_ENTRIES_RESULT:
        head("AppendReply", m, stored->term);
        add(&sends, ",\"rejected\":%llu,\"last\":%llu", stored->rejected, stored->last_log_index);
        promise(stored->term, 0, stored->rejected > 0 ? 0 : stored->last_log_index);
        break;
    case RAFT_IO_TIMEOUT_NOW:
        head("TimeoutNow", m, t->term);
        add(&sends, ",\"last\":[%llu,%llu]", t->last_log_term, t->last_log_index);
        promise(t->term, 0, 0);
        break;
    default:
        die("libraft sends a message of an unknown type");
    }
}

static int io_send(struct raft_io *i, struct raft_io_send *request, const struct raft_message *m, raft_io_send_cb done)
{
    (void)i;
    add_message(m);
    struct sent *s = raft_calloc(1, sizeof *s);
    *s = (struct sent){request, done, NULL};
    *sent_end = s;
    sent_end = &s->next;
    return 0;
}

static void report_sent(void)
{
    while (sent != NULL) {
        struct sent *s = sent;
        sent = s->next;
        if (sent == NULL) sent_end = &sent;
        if (s->done != NULL) s->done(s->request, 0);
    }
}

static char *address_of(raft_id id)
{
    char *address = raft_malloc(24);
    snprintf(address, 24, "n%llu", id);
    return address;
}

static void receive(const char *question)
{
    struct raft_message m = {.server_id = number_of(question, "from")};
    m.server_address = address_of(m.server_id);
    const char *p = key(question, "payload"), *list = p;
    m.type = (unsigned short)number(&p);
    raft_term term = number(&p);
    switch (m.type) {
    case RAFT_IO_REQUEST_VOTE:
        m.request_vote = (struct raft_request_vote){.term = term, .candidate_id = number(&p)};
        m.request_vote.last_log_term = number(&p);
        m.request_vote.last_log_index = number(&p);
        m.request_vote.disrupt_leader = number(&p);
        m.request_vote.pre_vote = number(&p);
        break;
    case RAFT_IO_REQUEST_VOTE_RESULT:
        m.request_vote_result = (struct raft_request_vote_result){.term = term, .vote_granted = number(&p)};
        m.request_vote_result.pre_vote = (raft_tribool)number(&p);
        break;
    case RAFT_IO_APPEND_ENTRIES:
        m.append_entries = (struct raft_append_entries){.term = term, .prev_log_term = number(&p)};
        m.append_entries.prev_log_index = number(&p);
        m.append_entries.leader_commit = number(&p);
        m.append_entries.entries = read_entries(key(list, "entries"), &m.append_entries.n_entries);
        break;
    case RAFT_IO_APPEND_ENTRIES_RESULT:
        m.append_entries_result = (struct raft_append_entries_result){.term = term, .rejected = number(&p)};
        m.append_entries_result.last_log_index = number(&p);
        break;
    case RAFT_IO_TIMEOUT_NOW:
        m.timeout_now = (struct raft_timeout_now){.term = term, .last_log_term = number(&p)};
        m.timeout_now.last_log_index = number(&p);
        break;
    }
    on_message(&io, &m);
}

/* ---- the rest of struct raft_io and struct raft_fsm */

static raft_time io_time(struct raft_io *i) { (void)i; return now; }

/* io_random is SplitMix64 (Steele, Lea, Flood, 2014). */
static int io_random(struct raft_io *i, int min, int max)
{
    (void)i;
    u64 z = luck += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return min + (int)((z ^ z >> 31) % (u64)(max - min + 1));
}

static int io_recover(struct raft_io *i, const struct raft_configuration *c) { (void)i; (void)c; return RAFT_IOERR; }
static int fsm_apply(struct raft_fsm *f, const struct raft_buffer *b, void **result)
{
    (void)f; (void)b;
    *result = NULL;
    return 0;
}

/* ---- requests */

struct request
{
    struct raft_apply apply;
    struct raft_transfer transfer;
    char op[24];
    raft_id to;
};

static void reply(const char *op, const char *outcome)
{
    next(&replies);
    add(&replies, "{\"op\":\"%s\",\"outcome\":\"%s\"}", op, outcome);
}

static struct request *request_of(const char *question)
{
    struct request *r = raft_calloc(1, sizeof *r);
    sscanf(key(question, "op"), "\"%23[0-9.]\"", r->op);
    r->apply.data = r->transfer.data = r;
    return r;
}

static void applied(struct raft_apply *a, int status, void *result)
{
    (void)result;
    reply(((struct request *)a->data)->op, status == 0 ? "done" : "unknown");
}

static void transferred(struct raft_transfer *t)
{
    struct request *r = t->data;
    raft_id leader;
    const char *address;
    raft_leader(&raft, &leader, &address);
    reply(r->op, leader == r->to ? "done" : "unknown");
}

static void propose(const char *question)
{
    struct request *r = request_of(question);
    const char *p = key(question, "data"), *q = p;
    struct raft_buffer b = {.len = base64(&q, NULL)};
    b.base = raft_malloc(b.len + 8);
    base64(&p, b.base);
    if (raft_apply(&raft, &r->apply, &b, 1, applied) != 0) reply(r->op, "rejected");
}

static void transfer(const char *question)
{
    struct request *r = request_of(question);
    r->to = number_of(question, "to");
    if (raft_transfer(&raft, &r->transfer, r->to, transferred) != 0) reply(r->op, "rejected");
}

static void tick(void)
{
    now += TICK;
    on_tick(&io);
    report_sent();
}

static void timeout(void)
{
    if (raft.state != RAFT_FOLLOWER && raft.state != RAFT_CANDIDATE) return;
    raft.election_timer_start = now - 10 * ELECTION;
    on_tick(&io);
}

/* ---- boot */

/* boot starts a node and returns an error, or NULL. */
static const char *boot(const char *question)
{
    forget();
    memset(&raft, 0, sizeof raft);
    disk.term = disk.vote = disk.n = 0;
    appends = NULL, appends_end = &appends;
    sent = NULL, sent_end = &sent;
    issued = blocking = 0;
    reported = 1;
    now = 1000000;
    luck = number_of(question, "seed");
    raft_id self = number_of(question, "node");
    if (raft_init(&raft, &io, &fsm, self, address_of(self)) != 0) return "raft_init";
    raft_set_election_timeout(&raft, ELECTION);
    raft_set_heartbeat_timeout(&raft, HEARTBEAT);
    raft_set_snapshot_threshold(&raft, 1u << 30);
    raft_set_pre_vote(&raft, strncmp(key(question, "prevote"), "true", 4) == 0);
    struct raft_configuration first;
    raft_configuration_init(&first);
    int member = 0;
    for (const char *p = key(question, "voters"); *p != ']';) {
        raft_id id = number(&p);
        if (raft_configuration_add(&first, id, address_of(id), RAFT_VOTER) != 0) return "raft_configuration_add";
        member |= id == self;
    }
    if (member && raft_bootstrap(&raft, &first) != 0) return "raft_bootstrap";
    const char *error = read_disk(key(question, "disk"));
    if (error != NULL) return error;
    return raft_start(&raft) != 0 ? "raft_start" : NULL;
}

/* ---- answers */

static raft_term *shown; /* the terms of the log that was shown last */
static size_t shown_n;

static void add_status(void)
{
    static const char *roles[] = {"follower", "follower", "candidate", "leader"};
    const char *role = roles[raft.state], *address;
    if (raft.state == RAFT_CANDIDATE && raft.candidate_state.in_pre_vote) role = "pre-candidate";
    raft_id leader = 0;
    raft_leader(&raft, &leader, &address);
    raft_index pending = raft.configuration_uncommitted_index;
    add(&answer, "\"status\":{\"term\":%llu,\"vote\":%llu,\"role\":\"%s\",\"leader\":%llu,\"commit\":%llu,\"applied\":%llu,"
        "\"config_index\":%llu,\"voters\":[", raft.current_term, raft.voted_for, role, leader,
        shown_index(raft.commit_index), shown_index(reported),
        shown_index(pending > 0 ? pending : raft.configuration_index));
    for (unsigned i = 0; i < raft.configuration.n; i++)
        add(&answer, "%s%llu", i > 0 ? "," : "", raft.configuration.servers[i].id);
    add(&answer, "]}");
}

static void add_log(void)
{
    raft_index n = shown_index(raft_last_index(&raft)), same = 0;
    while (same < n && same < shown_n && shown[same] == term_at(same + 2)) same++;
    if (same == n && same == shown_n) return;
    add(&answer, ",\"log\":{\"from\":%llu,\"entries\":[", same + 1);
    add_logged(&answer, same + 2, n + 1);
    add(&answer, "]}");
    shown = realloc(shown, (n + 1) * sizeof *shown);
    for (raft_index i = same; i < n; i++) shown[i] = term_at(i + 2);
    shown_n = n;
}

/* add_quiet adds how many ticks change nothing: those of a follower or candidate whose
 * election timer does not fire. */
static void add_quiet(void)
{
    if (raft.state != RAFT_FOLLOWER && raft.state != RAFT_CANDIDATE) return;
    raft_time due = raft.election_timer_start + raft.follower_state.randomized_election_timeout;
    if (raft.transfer == NULL && due > now + TICK) add(&answer, ",\"quiet\":%llu", (due - now - 1) / TICK);
}

static void add_list(const char *name, struct text *list)
{
    if (list->len > 0) add(&answer, "\"%s\":[%s],", name, list->bytes);
    list->len = 0;
}

static void write_answer(const char *error)
{
    answer.len = 0;
    add(&answer, "{");
    if (error != NULL) {
        add(&answer, "\"error\":\"%s: %s\"", error, raft_errmsg(&raft));
    } else if (raft.state == RAFT_UNAVAILABLE) {
        add(&answer, "\"panic\":\"libraft became unavailable: %s\"", raft_errmsg(&raft));
    } else {
        add_list("writes", &writes);
        add_list("sends", &sends);
        if (raft.last_applied > reported) {
            add(&answer, "\"applied\":[");
            add_logged(&answer, reported + 1, raft.last_applied);
            add(&answer, "],");
            reported = raft.last_applied;
        }
        add_list("replies", &replies);
        add_status();
        add_log();
        add_quiet();
    }
    add(&answer, "}\n");
    fwrite(answer.bytes, 1, answer.len, stdout);
    fflush(stdout);
}

/* ---- questions */

static const char *step(const char *question, const char *type)
{
    if (strncmp(question + strlen("{\"type\":\"") + strlen(type), "\",\"ticks\":", 10) == 0)
        for (u64 n = number_of(question, "ticks"); n > 0; n--) tick();
    if (strcmp(type, "tick") == 0) tick();
    else if (strcmp(type, "timeout") == 0) timeout();
    else if (strcmp(type, "receive") == 0) receive(question);
    else if (strcmp(type, "persisted") == 0) persisted(number_of(question, "id"));
    else if (strcmp(type, "propose") == 0) propose(question);
    else if (strcmp(type, "transfer") == 0) transfer(question);
    else if (strcmp(type, "reconfigure") == 0) reply(request_of(question)->op, "rejected");
    else if (strcmp(type, "compact") != 0) die("a question of an unknown type");
    report_sent();
    return NULL;
}

int main(void)
{
    arena = mmap(NULL, arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED) die("no memory for the arena");
    raft_heap_set(&heap);
    io = (struct raft_io){
        .version = 1, .init = io_init, .close = io_close, .load = io_load, .start = io_start,
        .bootstrap = io_bootstrap, .recover = io_recover, .set_term = io_set_term, .set_vote = io_set_vote,
        .send = io_send, .append = io_append, .truncate = io_truncate, .time = io_time, .random = io_random,
    };
    fsm = (struct raft_fsm){.version = 1, .apply = fsm_apply};
    char *line = NULL, type[16];
    for (size_t size = 0; getline(&line, &size, stdin) > 0;) {
        if (sscanf(line, "{\"type\":\"%15[a-z]\"", type) != 1) die("a question without a type");
        if (strcmp(type, "hello") == 0) {
            puts("{\"protocol\":1,\"name\":\"libraft\",\"readless\":\"libraft has no reads but those in the log\","
                 "\"nodes\":[2,0],\"lacks\":[\"snapshots\",\"membership\"]}");
            fflush(stdout);
            continue;
        }
        writes.len = sends.len = replies.len = 0;
        if (strcmp(type, "boot") == 0) shown_n = 0, write_answer(boot(line));
        else write_answer(step(line, type));
    }
    return 0;
}
