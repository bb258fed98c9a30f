// Cuts connections that are too slow. libmicrohttpd itself only notices those on which nothing happens at all: a client
// that sends one byte every few seconds would keep its connection for ever.
#include "Internal.h"

#include <sys/socket.h>
#include <time.h>

int64_t cmhd_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t cmhd_after(double seconds) { return cmhd_now() + (int64_t)(seconds * 1e9); }

static void *watch(void *context) {
    cmhd_server *server = context;
    pthread_mutex_lock(&server->lock);
    while (!server->is_stopping) {
        int64_t now = cmhd_now();
        for (peer *each = server->peers; each != NULL; each = each->next) {
            int64_t deadline = atomic_load(&each->deadline);
            if (deadline == 0 || deadline > now) continue;
            // The connection's own thread sees the end and closes. The number of the socket is still its own: a peer
            // leaves the list, under this lock, before its socket is closed.
            atomic_store(&each->deadline, 0);
            atomic_fetch_add(&server->cut, 1);
            shutdown(each->socket, SHUT_RDWR);
        }
        int64_t next = now + 100000000;
        struct timespec until = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
        pthread_cond_timedwait(&server->stopped, &server->lock, &until);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

int cmhd_watch_begin(cmhd_server *server) { return pthread_create(&server->watch, NULL, watch, server); }

void cmhd_watch_end(cmhd_server *server) { pthread_join(server->watch, NULL); }
