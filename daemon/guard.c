#include "daemon/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/digest.h"

/* A process's page: it says nothing to another machine, and is made anew when it is another one. */
static const char magic[8] = "RDGRD02";

struct slot {
    _Atomic uint32_t kind; /* enum guard_kind; written last, so that the rest is whole */
    _Atomic uint32_t is_marked;
    uint8_t digest[GUARD_DIGEST_BYTES];
    uint8_t method[GUARD_DIGEST_BYTES];
};

struct page {
    char magic[sizeof magic];
    uint64_t seed; /* of the digests, so that no peer can make two frames share one */
    struct slot at_work[GUARD_PLACES];
    struct guard_entry suspects[GUARD_PLACES]; /* found unmarked by the last start */
    uint32_t next;                             /* place of the list to be used next */
    struct guard_entry list[GUARD_LIST_MAX];
    uint64_t timer; /* case whose timer is at work */
};

struct guard {
    struct page *page;
    bool has_list; /* a start alone puts something on it */
};

static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

/* For the handler: the page, and which place the thread that it runs on has. */
static struct page *marked_page;
static _Thread_local enum guard_place place_here = GUARD_PLACES;
static struct sigaction before[RD_COUNT(signals)];

/* Async-signal-safe. The signal then does what it would have done without us. */
static void mark(int signal)
{
    struct page *page = marked_page;
    if (page != NULL && place_here < GUARD_PLACES) {
        atomic_store(&page->at_work[place_here].is_marked, 1);
    }
    for (size_t i = 0; i < RD_COUNT(signals); i++) {
        if (signals[i] == signal) {
            (void)sigaction(signal, &before[i], NULL);
        }
    }
    (void)raise(signal);
}

static void catch_signals(struct page *page)
{
    struct sigaction action = {.sa_handler = mark, .sa_flags = SA_NODEFER | SA_ONSTACK};
    marked_page = page;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < RD_COUNT(signals); i++) {
        (void)sigaction(signals[i], &action, &before[i]);
    }
}

static bool is_same(const struct guard_entry *a, const struct guard_entry *b)
{
    return a->kind == b->kind && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

static bool is_listed(const struct page *page, const struct guard_entry *entry)
{
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        if (is_same(&page->list[i], entry)) {
            return true;
        }
    }
    return false;
}

static void list_add(struct page *page, const struct guard_entry *entry)
{
    if (!is_listed(page, entry)) {
        page->list[page->next] = *entry;
        page->next = (page->next + 1) % GUARD_LIST_MAX;
    }
}

/* A method of which several questions stand on the list goes there as well. */
static void list_method(struct page *page, const struct guard_entry *question)
{
    static const uint8_t none[GUARD_DIGEST_BYTES];
    size_t times = 0;
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        const struct guard_entry *one = &page->list[i];
        times += one->kind == GUARD_QUESTION &&
                 memcmp(one->method, question->method, sizeof one->method) == 0;
    }
    if (times >= GUARD_METHOD_TIMES && memcmp(question->method, none, sizeof none) != 0) {
        struct guard_entry entry = {.kind = GUARD_METHOD};
        memcpy(entry.digest, question->method, sizeof entry.digest);
        list_add(page, &entry);
    }
}

static struct guard_entry entry_of(const struct slot *slot)
{
    struct guard_entry entry = {.kind = (enum guard_kind)atomic_load(&slot->kind)};
    memcpy(entry.digest, slot->digest, sizeof entry.digest);
    memcpy(entry.method, slot->method, sizeof entry.method);
    return entry;
}

static struct guard_entry entry_of_case(uint64_t number)
{
    struct guard_entry entry = {.kind = number != 0 ? GUARD_CASE : GUARD_NOTHING};
    memcpy(entry.digest, &number, sizeof number);
    return entry;
}

static void judge(struct page *page, enum guard_place place, struct guard_found *ret_found)
{
    struct slot *slot = &page->at_work[place];
    /* A timer that fired within an event is to blame before that is. */
    bool is_timer = place == GUARD_TIMER;
    struct guard_entry entry = is_timer ? entry_of_case(page->timer) : entry_of(slot);
    bool is_marked = atomic_load(&page->at_work[is_timer ? GUARD_TURN : place].is_marked) != 0;
    if (place == GUARD_TURN && page->timer != 0) {
        entry.kind = GUARD_NOTHING;
    }
    *ret_found = (struct guard_found){.is_found = entry.kind != GUARD_NOTHING, .entry = entry};
    if (ret_found->is_found && (is_marked || is_same(&page->suspects[place], &entry))) {
        ret_found->is_listed = true;
        list_add(page, &entry);
        if (entry.kind == GUARD_QUESTION) {
            list_method(page, &entry);
        }
        entry.kind = GUARD_NOTHING;
    }
    page->suspects[place] = entry;
}

static void judge_all(struct page *page, struct guard_found ret_found[static GUARD_PLACES])
{
    for (enum guard_place place = 0; place < GUARD_PLACES; place++) {
        judge(page, place, &ret_found[place]);
    }
    for (enum guard_place place = 0; place < GUARD_PLACES; place++) {
        atomic_store(&page->at_work[place].kind, GUARD_NOTHING);
        atomic_store(&page->at_work[place].is_marked, 0);
    }
    page->timer = 0;
}

/* A page of another layout, or with entries that no page of ours has, is begun anew. */
static bool is_ours(const struct page *page)
{
    bool is_good = memcmp(page->magic, magic, sizeof magic) == 0 && page->next < GUARD_LIST_MAX;
    for (size_t i = 0; i < GUARD_LIST_MAX && is_good; i++) {
        is_good = page->list[i].kind <= GUARD_METHOD;
    }
    for (size_t i = 0; i < GUARD_PLACES && is_good; i++) {
        is_good = page->suspects[i].kind <= GUARD_METHOD &&
                  atomic_load(&page->at_work[i].kind) <= GUARD_METHOD;
    }
    return is_good;
}

static int page_map(int fd, struct page **ret_page)
{
    struct stat about;
    if (fstat(fd, &about) < 0) {
        return -errno;
    }
    bool is_sized = about.st_size == (off_t)sizeof(struct page);
    /* Room for all of it now: a write into a hole of a full disk would be a fatal signal. */
    if (!is_sized && (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)sizeof(struct page)) < 0)) {
        return -errno;
    }
    int r = -posix_fallocate(fd, 0, (off_t)sizeof(struct page));
    if (r < 0) {
        return r;
    }
    void *at = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return -errno;
    }
    *ret_page = at;
    return 0;
}

int guard_open(const char *path, struct guard **ret_guard,
        struct guard_found ret_found[static GUARD_PLACES])
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return -errno;
    }
    struct page *page = NULL;
    int r = page_map(fd, &page);
    (void)close(fd);
    if (r < 0) {
        return r;
    }
    if (!is_ours(page)) {
        memset(page, 0, sizeof *page);
        if (getrandom(&page->seed, sizeof page->seed, 0) != (ssize_t)sizeof page->seed) {
            page->seed = 0; /* digests are then only as good as their function */
        }
        memcpy(page->magic, magic, sizeof magic);
    }
    judge_all(page, ret_found);
    if (msync(page, sizeof *page, MS_SYNC) < 0) {
        r = -errno;
        (void)munmap(page, sizeof *page);
        return r;
    }
    struct guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL) {
        rd_oom();
    }
    guard->page = page;
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        guard->has_list |= page->list[i].kind != GUARD_NOTHING;
    }
    place_here = GUARD_TURN; /* the thread that opens it is the turn's */
    catch_signals(page);
    *ret_guard = guard;
    return 0;
}

void guard_close(struct guard *guard)
{
    if (guard == NULL) {
        return;
    }
    for (size_t i = 0; i < RD_COUNT(signals); i++) {
        (void)sigaction(signals[i], &before[i], NULL);
    }
    marked_page = NULL;
    (void)munmap(guard->page, sizeof *guard->page);
    free(guard);
}

bool guard_begin_of(struct guard *guard, enum guard_place place, enum guard_kind kind,
        struct rd_str bytes, struct rd_str method)
{
    struct page *page = guard->page;
    struct slot *slot = &page->at_work[place];
    struct guard_entry entry = {.kind = kind}, of_method = {.kind = GUARD_METHOD};
    size_t size = method.len < sizeof entry.method ? method.len : sizeof entry.method;
    place_here = place;
    rd_fingerprint(bytes, page->seed, entry.digest);
    if (size > 0) {
        memcpy(entry.method, method.ptr, size);
        memcpy(of_method.digest, method.ptr, size);
    }
    if (guard->has_list && (is_listed(page, &entry) || (size > 0 && is_listed(page, &of_method)))) {
        return false;
    }
    memcpy(slot->digest, entry.digest, sizeof slot->digest);
    memcpy(slot->method, entry.method, sizeof slot->method);
    atomic_store_explicit(&slot->kind, (uint32_t)kind, memory_order_release);
    return true;
}

bool guard_begin(
        struct guard *guard, enum guard_place place, enum guard_kind kind, struct rd_str bytes)
{
    return guard_begin_of(guard, place, kind, bytes, (struct rd_str){0});
}

void guard_end(struct guard *guard, enum guard_place place)
{
    atomic_store_explicit(&guard->page->at_work[place].kind, GUARD_NOTHING, memory_order_release);
}

uint64_t *guard_timer(struct guard *guard)
{
    return &guard->page->timer;
}

bool guard_listed(const struct guard *guard, size_t index, struct guard_entry *ret_entry)
{
    const struct page *page = guard->page;
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        const struct guard_entry *entry = &page->list[(page->next + i) % GUARD_LIST_MAX];
        bool is_asked = entry->kind != GUARD_NOTHING && entry->kind != GUARD_CASE;
        if (is_asked && index-- == 0) {
            *ret_entry = *entry;
            return true;
        }
    }
    return false;
}

uint64_t guard_case_waiting(const struct guard *guard)
{
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        uint64_t number;
        memcpy(&number, guard->page->list[i].digest, sizeof number);
        if (guard->page->list[i].kind == GUARD_CASE) {
            return number;
        }
    }
    return 0;
}

void guard_release(struct guard *guard, const struct guard_entry *entry)
{
    for (size_t i = 0; i < GUARD_LIST_MAX; i++) {
        if (is_same(&guard->page->list[i], entry)) {
            guard->page->list[i] = (struct guard_entry){.kind = GUARD_NOTHING};
        }
    }
}

void guard_entry_of(const struct guard *guard, enum guard_kind kind, struct rd_str bytes,
        struct guard_entry *ret_entry)
{
    *ret_entry = (struct guard_entry){.kind = kind};
    rd_fingerprint(bytes, guard->page->seed, ret_entry->digest);
}

void guard_case_done(struct guard *guard, uint64_t number)
{
    struct guard_entry entry = entry_of_case(number);
    guard_release(guard, &entry);
}
