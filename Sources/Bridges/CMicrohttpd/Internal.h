// What the files of the bridge share: servers, connections with their deadlines, and exchanges.
#pragma once

#include "Library.h"
#include "include/CMicrohttpd.h"

#include <pthread.h>
#include <stdatomic.h>

// A connection, from its beginning to its end.
typedef struct peer {
    struct peer *next, *previous;
    int socket;
    // When the connection is cut, in nanoseconds of the monotonic clock; 0 for never.
    _Atomic int64_t deadline;
} peer;

struct cmhd_server {
    cmhd_settings settings;
    cmhd_handlers handlers;
    struct MHD_Daemon *daemon;
    // Guards the two lists and `is_stopping`.
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    peer *peers;
    cmhd_exchange *exchanges;
    int is_stopping;
    pthread_t watch;
    atomic_size_t in_flight, connections, body_bytes;
    _Atomic uint64_t cut;
};

struct cmhd_exchange {
    cmhd_server *server;
    cmhd_exchange *next, *previous;
    peer *peer;
    char *target;
    const char *method;
    void *note;
    // One for the connection and one for the code that answers.
    atomic_int holders;

    // Of the connection's thread alone, until the request is complete.
    int has_begun, is_complete;
    size_t limit, size, capacity, discarded;
    uint8_t *body;
    cmhd_body_state body_state;
    int64_t body_since;

    // Guards all that follows.
    pthread_mutex_t lock;
    pthread_cond_t changed;
    // Null once the exchange is over.
    struct MHD_Connection *connection;
    struct MHD_Response *response;
    unsigned status;
    size_t answer_size;
    int waits, has_waited, is_answered, is_streamed;
    // The bytes of a stream that the client has not taken.
    uint8_t *stream;
    size_t stream_start, stream_count;
    int stream_has_ended, stream_failed;
    // Bytes of it that the client has taken, and nanoseconds for which the writer has waited for that.
    size_t stream_taken;
    int64_t stream_blocked;
    int is_too_slow;
};

// Bytes of a stream that may wait for the client.
#define CMHD_STREAM_ROOM ((size_t)256 << 10)

int64_t cmhd_now(void);
int64_t cmhd_after(double seconds);
void cmhd_release(cmhd_exchange *exchange);
// The connection goes on, with the exchange's lock held.
void cmhd_resume(cmhd_exchange *exchange);

// The thread that cuts slow connections; returns an error number or 0.
int cmhd_watch_begin(cmhd_server *server);
void cmhd_watch_end(cmhd_server *server);
