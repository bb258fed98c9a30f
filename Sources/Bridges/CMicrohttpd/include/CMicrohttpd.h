// An HTTP/1.1 server by libmicrohttpd, as a few calls on handles: requests come whole, and are answered from any thread.
//
// libmicrohttpd parses and writes HTTP on threads of its own. It is loaded when the first server starts, because the
// program's other commands need not wait for it and for the libraries it needs.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cmhd_server cmhd_server;

// A request with its answer.
//
// It has two holders: the connection, and the code that answers. It is freed when both have let go, so an answer that
// comes after the client has gone harms nothing.
typedef struct cmhd_exchange cmhd_exchange;

typedef struct cmhd_settings {
    // A bound socket that listens; the server closes it.
    int socket;
    // Threads that read requests and write answers, 1 or more.
    unsigned threads;
    // Connections at once, in all and from one address.
    unsigned connections;
    unsigned connections_per_address;
    // Seconds until the whole head of a request must have come, and for which a connection may wait for the next request.
    double head_seconds;
    double idle_seconds;
    // A body, or an answer, may take these seconds and one more for each `bytes_per_second` bytes of it.
    double body_seconds;
    double send_seconds;
    double bytes_per_second;
    // Bytes of the bodies of all requests together.
    size_t body_bytes;
} cmhd_settings;

// Why a body is not there as it was sent.
typedef enum cmhd_body_state : int32_t {
    CMHD_BODY_WHOLE = 0,
    // Over the limit that `begin` gave.
    CMHD_BODY_TOO_LARGE = 1,
    // The bodies of all requests together are over the limit, or there is no memory.
    CMHD_BODY_NO_ROOM = 2,
} cmhd_body_state;

// Calls of the server, on its threads; they must not block.
typedef struct cmhd_handlers {
    void *_Nonnull context;
    // The head of a request has come. Returns the most bytes that its body may have. May answer at once, upon which the
    // body is not read.
    size_t (*_Nonnull begin)(void *_Nonnull context, cmhd_exchange *_Nonnull exchange);
    // The whole request has come, and is not answered yet. Answers it, or calls `cmhd_wait` and has it answered later.
    void (*_Nonnull complete)(void *_Nonnull context, cmhd_exchange *_Nonnull exchange);
    // The exchange is over, with the note that `begin` left. `sent` is 1 where the answer was handed over whole.
    void (*_Nonnull ended)(void *_Nonnull context, void *_Nullable note, int sent);
} cmhd_handlers;

// Starts a server. Returns null on failure, with a message of at most `size` bytes with its zero.
cmhd_server *_Nullable cmhd_start(
    const cmhd_settings *_Nonnull settings, const cmhd_handlers *_Nonnull handlers, char *_Nonnull message, size_t size);

// Takes no further connections.
void cmhd_quiesce(cmhd_server *_Nonnull server);

// Requests that have begun and are not over.
size_t cmhd_in_flight(cmhd_server *_Nonnull server);
// Connections that are open.
size_t cmhd_connections(cmhd_server *_Nonnull server);
// Connections that were closed because they were too slow, since the start.
uint64_t cmhd_cut(cmhd_server *_Nonnull server);

// Ends all connections and frees the server. No handler is called after that.
//
// Exchanges that still wait are ended without an answer; the code that answers them may do so later, for nothing.
void cmhd_stop(cmhd_server *_Nonnull server);

// Leaves a note at an exchange, which `ended` gets. For `begin`.
void cmhd_set_note(cmhd_exchange *_Nonnull exchange, void *_Nullable note);
void *_Nullable cmhd_note(cmhd_exchange *_Nonnull exchange);

// The method, and the target as it was sent, of a request; valid until it is answered.
const char *_Nonnull cmhd_method(cmhd_exchange *_Nonnull exchange);
const char *_Nonnull cmhd_target(cmhd_exchange *_Nonnull exchange);

// Gives all header fields in the order in which they were sent. Only in `begin`.
void cmhd_headers(
    cmhd_exchange *_Nonnull exchange, void *_Nullable context,
    void (*_Nonnull take)(
        void *_Nullable context, const char *_Nonnull name, size_t name_size, const char *_Nonnull value,
        size_t value_size));

// The body, valid until the request is answered.
cmhd_body_state cmhd_body(
    cmhd_exchange *_Nonnull exchange, const uint8_t *_Nullable *_Nonnull bytes, size_t *_Nonnull count);

// Lets the connection wait without a thread, until the request is answered. For `complete`, before another thread gets
// the exchange.
void cmhd_wait(cmhd_exchange *_Nonnull exchange);

// A field of an answer's head.
typedef struct cmhd_field {
    const char *_Nonnull name;
    const char *_Nonnull value;
} cmhd_field;

// Answers an exchange, once; the bytes are copied. The caller lets go of the exchange. Returns 0 where the client has
// gone or there is no memory.
int cmhd_answer(
    cmhd_exchange *_Nonnull exchange, unsigned status, const cmhd_field *_Nullable fields, size_t field_count,
    const uint8_t *_Nullable bytes, size_t count);

// Begins an answer whose length is not known, once. The caller keeps its hold until `cmhd_stream_end`. Returns 0 where
// the client has gone or there is no memory; then there is nothing to write, but the end must still be said.
int cmhd_stream_begin(
    cmhd_exchange *_Nonnull exchange, unsigned status, const cmhd_field *_Nullable fields, size_t field_count);

// Writes bytes; waits while the client takes none. Not for the server's threads. Returns 0 where the client has gone.
int cmhd_stream_write(cmhd_exchange *_Nonnull exchange, const uint8_t *_Nonnull bytes, size_t count);

// Ends the answer, and lets go of the exchange. With `failed`, the client sees that the answer was cut short.
void cmhd_stream_end(cmhd_exchange *_Nonnull exchange, int failed);

#ifdef __cplusplus
}
#endif
