#define _GNU_SOURCE
#include "Parallel.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

enum { most_helpers = 256 };

typedef struct {
    csk_piece_function piece;
    void *context;
    size_t count, next;
} csk_job;

static int64_t first_refused = -1, requests = 0;

int64_t csk_refuse_threads(int64_t first) {
    __atomic_store_n(&first_refused, first, __ATOMIC_RELAXED);
    return __atomic_exchange_n(&requests, 0, __ATOMIC_RELAXED);
}

static void *help(void *argument) {
    csk_job *job = argument;
    for (;;) {
        const size_t number = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED);
        if (number >= job->count) return NULL;
        job->piece(job->context, number);
    }
}

static int start(pthread_t *thread, csk_job *job) {
#if defined(DEBUG)
    const int64_t number = __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
    const int64_t first = __atomic_load_n(&first_refused, __ATOMIC_RELAXED);
    if (first >= 0 && number >= first) return EAGAIN;
#endif
    return pthread_create(thread, NULL, help, job);
}

void csk_in_parallel(size_t count, csk_piece_function piece, void *context) {
    csk_job job = {piece, context, count, 0};
    pthread_t helpers[most_helpers];
    size_t started = 0;
    if (count > 1) {
        // A handler of the program runs on a thread of the program's.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        while (started < count - 1 && started < most_helpers && start(&helpers[started], &job) == 0) started++;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    help(&job);
    for (size_t h = 0; h < started; h++) pthread_join(helpers[h], NULL);
}
