#include "Internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void cmhd_quiesce(cmhd_server *server) {
    // Not MHD_quiesce_daemon: 0.9.75 ends the process if one of its threads takes the socket out of its epoll set at
    // the same time. A socket that is shut down accepts nobody, and the daemon closes it when it stops.
    const union MHD_DaemonInfo *info = cmhd_library.MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    if (info != NULL && info->listen_fd >= 0) shutdown(info->listen_fd, SHUT_RDWR);
}

void cmhd_set_note(cmhd_exchange *exchange, void *note) { exchange->note = note; }
void *cmhd_note(cmhd_exchange *exchange) { return exchange->note; }
const char *cmhd_method(cmhd_exchange *exchange) { return exchange->method; }
const char *cmhd_target(cmhd_exchange *exchange) { return exchange->target; }

typedef struct taker {
    void *context;
    void (*take)(void *, const char *, size_t, const char *, size_t);
} taker;

static enum MHD_Result take_header(
    void *context, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value, size_t value_size) {
    (void)kind;
    taker *taker = context;
    taker->take(taker->context, name, name_size, value != NULL ? value : "", value != NULL ? value_size : 0);
    return MHD_YES;
}

void cmhd_headers(
    cmhd_exchange *exchange, void *context,
    void (*take)(void *, const char *, size_t, const char *, size_t)) {
    taker taker = {context, take};
    cmhd_library.MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, &take_header, &taker);
}

cmhd_body_state cmhd_body(cmhd_exchange *exchange, const uint8_t **bytes, size_t *count) {
    *bytes = exchange->body;
    *count = exchange->size;
    return exchange->body_state;
}

void cmhd_wait(cmhd_exchange *exchange) {
    // Under the server's lock: who stops it resumes every exchange that waits, and none waits after that.
    pthread_mutex_lock(&exchange->server->lock);
    pthread_mutex_lock(&exchange->lock);
    if (!exchange->server->is_stopping) {
        exchange->waits = exchange->has_waited = 1;
        cmhd_library.MHD_suspend_connection(exchange->connection);
    }
    pthread_mutex_unlock(&exchange->lock);
    pthread_mutex_unlock(&exchange->server->lock);
}

void cmhd_resume(cmhd_exchange *exchange) {
    if (!exchange->waits) return;
    exchange->waits = 0;
    atomic_store(&exchange->peer->deadline, cmhd_after(exchange->server->settings.send_seconds));
    cmhd_library.MHD_resume_connection(exchange->connection);
}

// Hands an answer over to the connection; the response is taken in any case. With the lock held.
static int answer(
    cmhd_exchange *exchange, struct MHD_Response *response, unsigned status, size_t size, const cmhd_field *fields,
    size_t field_count) {
    exchange->is_answered = 1;
    if (response == NULL) {
        // Without memory for an answer the connection ends.
        if (exchange->connection != NULL) cmhd_resume(exchange);
        return 0;
    }
    for (size_t field = 0; field < field_count; field += 1)
        cmhd_library.MHD_add_response_header(response, fields[field].name, fields[field].value);
    if (exchange->connection == NULL || exchange->response != NULL) {
        cmhd_library.MHD_destroy_response(response);
        return 0;
    }
    exchange->response = response;
    exchange->status = status;
    exchange->answer_size = size;
    cmhd_resume(exchange);
    return 1;
}

int cmhd_answer(
    cmhd_exchange *exchange, unsigned status, const cmhd_field *fields, size_t field_count, const uint8_t *bytes,
    size_t count) {
    struct MHD_Response *response = cmhd_library.MHD_create_response_from_buffer(
        count, count > 0 ? (void *)bytes : "", MHD_RESPMEM_MUST_COPY);
    pthread_mutex_lock(&exchange->lock);
    int done = answer(exchange, response, status, count, fields, field_count);
    pthread_mutex_unlock(&exchange->lock);
    cmhd_release(exchange);
    return done;
}

// MARK: Streams

// The connection's thread takes what there is of a stream.
static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t most) {
    (void)position;
    cmhd_exchange *exchange = context;
    pthread_mutex_lock(&exchange->lock);
    ssize_t result;
    if (exchange->is_too_slow) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (exchange->stream_count > 0) {
        size_t count = exchange->stream_count < most ? exchange->stream_count : most;
        memcpy(buffer, exchange->stream + exchange->stream_start, count);
        exchange->stream_start += count;
        exchange->stream_count -= count;
        exchange->stream_taken += count;
        if (exchange->stream_count == 0) exchange->stream_start = 0;
        atomic_store(&exchange->peer->deadline, cmhd_after(exchange->server->settings.send_seconds));
        pthread_cond_broadcast(&exchange->changed);
        result = (ssize_t)count;
    } else if (exchange->stream_has_ended) {
        result = exchange->stream_failed ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        result = 0;
    }
    pthread_mutex_unlock(&exchange->lock);
    if (result != 0) return result;
    // Nothing yet: the connection waits for the next bytes. Under both locks, as in `cmhd_wait`.
    pthread_mutex_lock(&exchange->server->lock);
    pthread_mutex_lock(&exchange->lock);
    if (exchange->server->is_stopping) {
        result = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (exchange->stream_count == 0 && !exchange->stream_has_ended) {
        exchange->waits = 1;
        atomic_store(&exchange->peer->deadline, 0);
        cmhd_library.MHD_suspend_connection(exchange->connection);
    }
    pthread_mutex_unlock(&exchange->lock);
    pthread_mutex_unlock(&exchange->server->lock);
    return result;
}

static void stream_freed(void *context) { cmhd_release(context); }

int cmhd_stream_begin(cmhd_exchange *exchange, unsigned status, const cmhd_field *fields, size_t field_count) {
    uint8_t *room = malloc(CMHD_STREAM_ROOM);
    // The response holds the exchange, too.
    atomic_fetch_add(&exchange->holders, 1);
    struct MHD_Response *response =
        room == NULL ? NULL
                     : cmhd_library.MHD_create_response_from_callback(
                           MHD_SIZE_UNKNOWN, 32768, &read_stream, exchange, &stream_freed);
    if (response == NULL) atomic_fetch_sub(&exchange->holders, 1);
    pthread_mutex_lock(&exchange->lock);
    exchange->stream = room;
    exchange->is_streamed = 1;
    int done = answer(exchange, response, status, 0, fields, field_count);
    pthread_mutex_unlock(&exchange->lock);
    return done;
}

// Waits for room. A client may take an answer slowly, but not so slowly that it holds the writer's thread for ever.
static void wait_for_room(cmhd_exchange *exchange) {
    int64_t since = cmhd_now();
    pthread_cond_wait(&exchange->changed, &exchange->lock);
    exchange->stream_blocked += cmhd_now() - since;
    // Without a connection there may be no server any more.
    if (exchange->connection == NULL) return;
    const cmhd_settings *settings = &exchange->server->settings;
    double allowed = settings->send_seconds + (double)exchange->stream_taken / settings->bytes_per_second;
    if ((double)exchange->stream_blocked <= allowed * 1e9) return;
    exchange->is_too_slow = 1;
    atomic_fetch_add(&exchange->server->cut, 1);
    cmhd_resume(exchange);
}

int cmhd_stream_write(cmhd_exchange *exchange, const uint8_t *bytes, size_t count) {
    pthread_mutex_lock(&exchange->lock);
    while (count > 0 && exchange->connection != NULL && exchange->stream != NULL && !exchange->is_too_slow) {
        size_t end = exchange->stream_start + exchange->stream_count;
        if (end == CMHD_STREAM_ROOM && exchange->stream_start > 0) {
            memmove(exchange->stream, exchange->stream + exchange->stream_start, exchange->stream_count);
            exchange->stream_start = 0;
            end = exchange->stream_count;
        }
        size_t part = CMHD_STREAM_ROOM - end < count ? CMHD_STREAM_ROOM - end : count;
        if (part == 0) {
            wait_for_room(exchange);
            continue;
        }
        memcpy(exchange->stream + end, bytes, part);
        exchange->stream_count += part;
        bytes += part;
        count -= part;
        cmhd_resume(exchange);
    }
    int done = exchange->connection != NULL && exchange->stream != NULL && !exchange->is_too_slow;
    pthread_mutex_unlock(&exchange->lock);
    return done;
}

void cmhd_stream_end(cmhd_exchange *exchange, int failed) {
    pthread_mutex_lock(&exchange->lock);
    exchange->stream_has_ended = 1;
    exchange->stream_failed = failed;
    if (exchange->connection != NULL) cmhd_resume(exchange);
    pthread_mutex_unlock(&exchange->lock);
    cmhd_release(exchange);
}
