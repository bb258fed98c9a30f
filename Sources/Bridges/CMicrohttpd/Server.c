#include "Internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Bytes of a body beyond its limit that are read and forgotten, so that a client which sends before it listens gets an
// answer and not a broken connection.
#define MOST_DISCARDED ((size_t)16 << 20)

static peer *peer_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        cmhd_library.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

// MARK: Connections

static void connection_changed(
    void *context, struct MHD_Connection *connection, void **note, enum MHD_ConnectionNotificationCode code) {
    cmhd_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&server->connections, 1);
        peer *made = calloc(1, sizeof *made);
        // Without a note nothing is answered, and the connection ends.
        if (made == NULL) return;
        const union MHD_ConnectionInfo *info =
            cmhd_library.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        made->socket = info != NULL ? info->connect_fd : -1;
        atomic_store(&made->deadline, cmhd_after(server->settings.head_seconds));
        pthread_mutex_lock(&server->lock);
        made->next = server->peers;
        if (made->next != NULL) made->next->previous = made;
        server->peers = made;
        pthread_mutex_unlock(&server->lock);
        *note = made;
        return;
    }
    atomic_fetch_sub(&server->connections, 1);
    peer *gone = *note;
    if (gone == NULL) return;
    pthread_mutex_lock(&server->lock);
    if (gone->next != NULL) gone->next->previous = gone->previous;
    if (gone->previous != NULL) gone->previous->next = gone->next; else server->peers = gone->next;
    pthread_mutex_unlock(&server->lock);
    free(gone);
    *note = NULL;
}

// Percent signs stay: a slash that is a part of a name must be told from one that parts names.
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

// MARK: Exchanges

// The first line of a request has come.
static void *request_begins(void *context, const char *target, struct MHD_Connection *connection) {
    cmhd_server *server = context;
    peer *peer = peer_of(connection);
    cmhd_exchange *made = peer != NULL ? calloc(1, sizeof *made) : NULL;
    if (made == NULL) return NULL;
    made->target = strdup(target);
    if (made->target == NULL) {
        free(made);
        return NULL;
    }
    made->server = server;
    made->peer = peer;
    made->connection = connection;
    atomic_store(&made->holders, 2);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, NULL);
    atomic_store(&peer->deadline, cmhd_after(server->settings.head_seconds));
    pthread_mutex_lock(&server->lock);
    made->next = server->exchanges;
    if (made->next != NULL) made->next->previous = made;
    server->exchanges = made;
    pthread_mutex_unlock(&server->lock);
    return made;
}

void cmhd_release(cmhd_exchange *exchange) {
    if (atomic_fetch_sub(&exchange->holders, 1) > 1) return;
    if (exchange->response != NULL) cmhd_library.MHD_destroy_response(exchange->response);
    pthread_cond_destroy(&exchange->changed);
    pthread_mutex_destroy(&exchange->lock);
    free(exchange->stream);
    free(exchange->body);
    free(exchange->target);
    free(exchange);
}

static void request_ended(
    void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code) {
    (void)connection;
    cmhd_server *server = context;
    cmhd_exchange *exchange = *state;
    *state = NULL;
    if (exchange == NULL) return;
    pthread_mutex_lock(&exchange->lock);
    exchange->connection = NULL;
    exchange->waits = 0;
    atomic_store(
        &exchange->peer->deadline, cmhd_after(server->settings.idle_seconds + server->settings.head_seconds));
    pthread_cond_broadcast(&exchange->changed);
    int is_handed_over = exchange->is_complete || exchange->is_answered;
    pthread_mutex_unlock(&exchange->lock);
    pthread_mutex_lock(&server->lock);
    if (exchange->next != NULL) exchange->next->previous = exchange->previous;
    if (exchange->previous != NULL) exchange->previous->next = exchange->next; else server->exchanges = exchange->next;
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&server->body_bytes, exchange->capacity);
    if (exchange->has_begun) {
        server->handlers.ended(
            server->handlers.context, exchange->note, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
        atomic_fetch_sub(&server->in_flight, 1);
    }
    // Nobody else was given the request.
    if (!is_handed_over) cmhd_release(exchange);
    cmhd_release(exchange);
}

static void forget_body(cmhd_exchange *exchange, cmhd_body_state state) {
    exchange->body_state = state;
    free(exchange->body);
    exchange->body = NULL;
    exchange->discarded = exchange->size;
    atomic_fetch_sub(&exchange->server->body_bytes, exchange->capacity);
    exchange->size = exchange->capacity = 0;
}

// Makes room for a body of so many bytes; 0 where there is none.
static int grow(cmhd_exchange *exchange, size_t capacity) {
    cmhd_server *server = exchange->server;
    size_t more = capacity - exchange->capacity;
    size_t held = atomic_fetch_add(&server->body_bytes, more) + more;
    uint8_t *grown = held <= server->settings.body_bytes ? realloc(exchange->body, capacity) : NULL;
    if (grown == NULL) {
        atomic_fetch_sub(&server->body_bytes, more);
        return 0;
    }
    exchange->body = grown;
    exchange->capacity = capacity;
    return 1;
}

// Adds bytes to the body; 0 ends the connection.
static int collect(cmhd_exchange *exchange, const char *bytes, size_t count) {
    cmhd_server *server = exchange->server;
    const cmhd_settings *settings = &server->settings;
    size_t received = exchange->size + exchange->discarded + count;
    atomic_store(
        &exchange->peer->deadline,
        exchange->body_since + (int64_t)((settings->body_seconds + received / settings->bytes_per_second) * 1e9));
    if (exchange->body_state == CMHD_BODY_WHOLE && count > exchange->limit - exchange->size)
        forget_body(exchange, CMHD_BODY_TOO_LARGE);
    if (exchange->body_state == CMHD_BODY_WHOLE && exchange->size + count > exchange->capacity) {
        size_t wanted = exchange->capacity > 0 ? exchange->capacity : 16384;
        while (wanted < exchange->size + count) wanted *= 2;
        if (wanted > exchange->limit) wanted = exchange->limit;
        // Where there is no room to spare, just what is needed.
        if (!grow(exchange, wanted) && !grow(exchange, exchange->size + count))
            forget_body(exchange, CMHD_BODY_NO_ROOM);
    }
    if (exchange->body_state != CMHD_BODY_WHOLE) {
        exchange->discarded += count;
        return exchange->discarded - exchange->limit < MOST_DISCARDED || exchange->discarded < exchange->limit;
    }
    memcpy(exchange->body + exchange->size, bytes, count);
    exchange->size += count;
    return 1;
}

static enum MHD_Result queue(cmhd_exchange *exchange) {
    const cmhd_settings *settings = &exchange->server->settings;
    double seconds = settings->send_seconds + (double)exchange->answer_size / settings->bytes_per_second;
    atomic_store(&exchange->peer->deadline, cmhd_after(seconds));
    enum MHD_Result done =
        cmhd_library.MHD_queue_response(exchange->connection, exchange->status, exchange->response);
    cmhd_library.MHD_destroy_response(exchange->response);
    exchange->response = NULL;
    return done;
}

// Queues the answer, if there is one by now; ends the connection if there will be none.
static enum MHD_Result queue_or_end(cmhd_exchange *exchange) {
    pthread_mutex_lock(&exchange->lock);
    enum MHD_Result result = exchange->response != NULL ? queue(exchange) : MHD_NO;
    pthread_mutex_unlock(&exchange->lock);
    return result;
}

static enum MHD_Result handle(
    void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload, size_t *upload_size, void **state) {
    (void)connection;
    (void)url;
    (void)version;
    cmhd_server *server = context;
    cmhd_exchange *exchange = *state;
    if (exchange == NULL) return MHD_NO;
    if (!exchange->has_begun) {
        exchange->has_begun = 1;
        exchange->method = method;
        atomic_fetch_add(&server->in_flight, 1);
        exchange->limit = server->handlers.begin(server->handlers.context, exchange);
        if (exchange->is_answered) return queue_or_end(exchange);
        exchange->body_since = cmhd_now();
        atomic_store(
            &exchange->peer->deadline,
            exchange->body_since + (int64_t)(server->settings.body_seconds * 1e9));
        return MHD_YES;
    }
    if (*upload_size > 0) {
        int goes_on = collect(exchange, upload, *upload_size);
        *upload_size = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    if (!exchange->is_complete) {
        exchange->is_complete = 1;
        atomic_store(&exchange->peer->deadline, 0);
        server->handlers.complete(server->handlers.context, exchange);
        // Whoever answers an exchange that waits has this function called again.
        if (exchange->has_waited) return MHD_YES;
    }
    return queue_or_end(exchange);
}

// MARK: Servers

cmhd_server *cmhd_start(
    const cmhd_settings *settings, const cmhd_handlers *handlers, char *message, size_t size) {
    if (!cmhd_load(message, size)) return NULL;
    cmhd_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        snprintf(message, size, "there is no memory");
        return NULL;
    }
    server->settings = *settings;
    server->handlers = *handlers;
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->stopped, &attributes);
    pthread_condattr_destroy(&attributes);
    int status = cmhd_watch_begin(server);
    if (status != 0) {
        snprintf(message, size, "cannot create a thread: %s", strerror(status));
        goto without_watch;
    }
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, settings->socket, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)settings->connections, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)settings->connections_per_address, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)&keep_escapes, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)&request_begins, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)&request_ended, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)&connection_changed, server},
        // A pool of one is refused: without this option there is one thread.
        {settings->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)settings->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    errno = 0;
    server->daemon = cmhd_library.MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, &handle, server, MHD_OPTION_ARRAY,
        options, MHD_OPTION_END);
    if (server->daemon != NULL) return server;
    snprintf(message, size, "libmicrohttpd cannot start: %s", errno != 0 ? strerror(errno) : "it gives no reason");
    pthread_mutex_lock(&server->lock);
    server->is_stopping = 1;
    pthread_cond_signal(&server->stopped);
    pthread_mutex_unlock(&server->lock);
    cmhd_watch_end(server);
without_watch:
    pthread_cond_destroy(&server->stopped);
    pthread_mutex_destroy(&server->lock);
    free(server);
    return NULL;
}

size_t cmhd_in_flight(cmhd_server *server) { return atomic_load(&server->in_flight); }
size_t cmhd_connections(cmhd_server *server) { return atomic_load(&server->connections); }
uint64_t cmhd_cut(cmhd_server *server) { return atomic_load(&server->cut); }

void cmhd_stop(cmhd_server *server) {
    pthread_mutex_lock(&server->lock);
    server->is_stopping = 1;
    // A daemon with connections that wait cannot be stopped: these find no answer, and end.
    for (cmhd_exchange *each = server->exchanges; each != NULL; each = each->next) {
        pthread_mutex_lock(&each->lock);
        cmhd_resume(each);
        pthread_mutex_unlock(&each->lock);
    }
    pthread_cond_signal(&server->stopped);
    pthread_mutex_unlock(&server->lock);
    cmhd_watch_end(server);
    cmhd_library.MHD_stop_daemon(server->daemon);
    pthread_cond_destroy(&server->stopped);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
